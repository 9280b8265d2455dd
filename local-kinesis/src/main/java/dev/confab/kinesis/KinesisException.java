package dev.confab.kinesis;

/**
 * An answer that is an error, as the service words it: the caller's request ends with this type,
 * message and HTTP status.
 */
final class KinesisException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String type;
  private final int status;

  private KinesisException(String type, int status, String message) {
    super(message, null, false, false);
    this.type = type;
    this.status = status;
  }

  /** The error's name on the wire, such as {@code ResourceNotFoundException}. */
  String type() {
    return type;
  }

  /** The HTTP status: 400 for what the caller did, 500 for what the service did. */
  int status() {
    return status;
  }

  /** The text that goes to the caller; never null, unlike an exception's in general. */
  String text() {
    String message = getMessage();
    return message == null ? type : message;
  }

  static KinesisException validation(String message) {
    return new KinesisException("ValidationException", 400, message);
  }

  static KinesisException serialization(String message) {
    return new KinesisException("SerializationException", 400, message);
  }

  static KinesisException unknownOperation(String message) {
    return new KinesisException("UnknownOperationException", 400, message);
  }

  static KinesisException invalidArgument(String message) {
    return new KinesisException("InvalidArgumentException", 400, message);
  }

  static KinesisException notFound(String message) {
    return new KinesisException("ResourceNotFoundException", 400, message);
  }

  static KinesisException inUse(String message) {
    return new KinesisException("ResourceInUseException", 400, message);
  }

  static KinesisException limitExceeded(String message) {
    return new KinesisException("LimitExceededException", 400, message);
  }

  static KinesisException throughputExceeded(String message) {
    return new KinesisException(PutResult.THROUGHPUT_EXCEEDED, 400, message);
  }

  static KinesisException expiredIterator(String message) {
    return new KinesisException("ExpiredIteratorException", 400, message);
  }

  static KinesisException expiredNextToken(String message) {
    return new KinesisException("ExpiredNextTokenException", 400, message);
  }

  static KinesisException internalFailure(String message) {
    return new KinesisException(PutResult.INTERNAL_FAILURE, 500, message);
  }

  static KinesisException injected(Fault.ErrorAnswer fault) {
    return new KinesisException(fault.type(), fault.status(), fault.message());
  }
}
