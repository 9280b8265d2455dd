package dev.confab.kinesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Lets some records of a PutRecords fail, as a fault rule says, and puts the others. */
record RecordFaults(Optional<Fault.RecordsRefused> fault) {
  static final RecordFaults NONE = new RecordFaults(Optional.empty());

  /** Puts records, and answers for each in its place. */
  interface Put {
    List<PutResult> put(List<NewRecord> records);
  }

  List<PutResult> apply(List<NewRecord> records, Put put) {
    if (fault.isEmpty()) {
      return put.put(records);
    }
    Fault.RecordsRefused refused = fault.get();
    boolean[] fails = new boolean[records.size()];
    List<NewRecord> others = new ArrayList<>(records.size());
    for (int i = 0; i < records.size(); i++) {
      fails[i] = refused.which().refuses(i, records.get(i).partitionKey());
      if (!fails[i]) {
        others.add(records.get(i));
      }
    }
    List<PutResult> outcome = put.put(others);
    List<PutResult> results = new ArrayList<>(records.size());
    int taken = 0;
    for (boolean failed : fails) {
      results.add(
          failed
              ? new PutResult.Refused(refused.errorCode(), refused.message())
              : outcome.get(taken++));
    }
    return results;
  }
}
