package dev.confab.local.template;

import static dev.confab.local.template.RawTemplate.fields;
import static dev.confab.local.template.RawTemplate.items;
import static dev.confab.local.template.RawTemplate.objects;
import static dev.confab.local.template.RawTemplate.text;
import static dev.confab.local.template.RawTemplate.written;

import dev.confab.local.template.Value.Fields;
import java.util.Map;

/** What people wrote outlives a mistake with the stack, lies encrypted and is not cut off. */
final class DataRules {
  /** A worker frees its leases within 30 s; the rest is for what is slow just then. */
  private static final int LEAST_STOP_SECONDS = 60;

  private final RawTemplate raw;

  private DataRules(RawTemplate raw) {
    this.raw = raw;
  }

  static void check(RawTemplate raw) {
    DataRules rules = new DataRules(raw);
    raw.ofType("AWS::SQS::Queue").forEach(rules::queue);
    raw.ofType("AWS::DynamoDB::Table").forEach(rules::table);
    raw.ofType("AWS::Kinesis::Stream")
        .forEach(
            (id, stream) ->
                rules.encrypted(id, fields(stream, "StreamEncryption"), "EncryptionType", "KMS"));
    raw.ofType("AWS::ECS::TaskDefinition").forEach(rules::task);
  }

  private void queue(String id, Fields queue) {
    retained(id);
    encrypted(id, queue, "SqsManagedSseEnabled", "true");
  }

  /** Leases go with the stream; what expires item by item is the chat's. */
  private void table(String id, Fields table) {
    if (!table.values().containsKey("TimeToLiveSpecification")) {
      return;
    }
    retained(id);
    encrypted(id, fields(table, "SSESpecification"), "SSEEnabled", "true");
    if (!text(fields(table, "PointInTimeRecoverySpecification"), "PointInTimeRecoveryEnabled")
        .equals("true")) {
      raw.complain(id, "can't be had back as it was");
    }
  }

  private void retained(String id) {
    Fields resource = raw.resources().getOrDefault(id, new Fields(0, Map.of()));
    if (!text(resource, "DeletionPolicy").startsWith("Retain")
        || !text(resource, "UpdateReplacePolicy").equals("Retain")) {
      raw.complain(id, "goes with the stack, and what people wrote with it");
    }
  }

  private void encrypted(String id, Fields by, String name, String value) {
    if (items(by, name).stream().noneMatch(one -> written(one).equals(value))) {
      raw.complain(id, "lies in plain text");
    }
  }

  private void task(String id, Fields task) {
    for (Fields container : objects(task, "ContainerDefinitions")) {
      String seconds = text(container, "StopTimeout");
      if (!seconds.matches("[0-9]+") || Integer.parseInt(seconds) < LEAST_STOP_SECONDS) {
        raw.complain(id, "is killed before its leases are free");
      }
    }
  }
}
