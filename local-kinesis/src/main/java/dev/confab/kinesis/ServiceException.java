package dev.confab.kinesis;

/**
 * An answer that is an error, as the service words it: the caller's request ends with this type,
 * message and HTTP status.
 */
final class ServiceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String type;
  private final int status;

  private ServiceException(String type, int status, String message) {
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

  static ServiceException validation(String message) {
    return new ServiceException("ValidationException", 400, message);
  }

  static ServiceException serialization(String message) {
    return new ServiceException("SerializationException", 400, message);
  }

  static ServiceException unknownOperation(String message) {
    return new ServiceException("UnknownOperationException", 400, message);
  }

  static ServiceException missingAuthenticationToken(String message) {
    return new ServiceException("MissingAuthenticationTokenException", 400, message);
  }

  static ServiceException invalidArgument(String message) {
    return new ServiceException("InvalidArgumentException", 400, message);
  }

  static ServiceException notFound(String message) {
    return new ServiceException("ResourceNotFoundException", 400, message);
  }

  static ServiceException inUse(String message) {
    return new ServiceException("ResourceInUseException", 400, message);
  }

  static ServiceException limitExceeded(String message) {
    return new ServiceException("LimitExceededException", 400, message);
  }

  static ServiceException throughputExceeded(String message) {
    return new ServiceException(PutResult.THROUGHPUT_EXCEEDED, 400, message);
  }

  static ServiceException expiredIterator(String message) {
    return new ServiceException("ExpiredIteratorException", 400, message);
  }

  static ServiceException expiredNextToken(String message) {
    return new ServiceException("ExpiredNextTokenException", 400, message);
  }

  static ServiceException internalFailure(String message) {
    return new ServiceException(PutResult.INTERNAL_FAILURE, 500, message);
  }

  static ServiceException injected(Fault.ErrorAnswer fault) {
    return new ServiceException(fault.type(), fault.status(), fault.message());
  }
}
