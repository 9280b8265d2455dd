"""ministack, an emulator of AWS, mended where it does otherwise than AWS and the pipeline would notice."""
import json
import re

from ministack import app
from ministack.core import iam_actions
from ministack.services import kinesis

unmended_number = kinesis._next_sequence_number
unmended_arn = iam_actions.extract_resource_arn
unmended_action = iam_actions.extract_iam_action
unmended_origin = app.pin_request_origin


def resource_arn(service, method, path, headers, body, query, region, account):
    """AWS knows of which stream an iterator is; to the emulator it is of any, which no narrow policy allows."""
    arn = unmended_arn(service, method, path, headers, body, query, region, account)
    if service == "kinesis" and arn == "*":
        iterator = kinesis._shard_iterators.get(json.loads(body).get("ShardIterator"))
        if iterator:
            return f"arn:aws:kinesis:{region}:{account}:stream/{iterator['stream']}"
    return arn


# Kinesis' sequence numbers are 0|([1-9]\d{0,128}); the emulator's begin with zeros.
kinesis._next_sequence_number = lambda: "49" + unmended_number()
iam_actions.extract_resource_arn = resource_arn
# To IAM, SQS' batches are many of the same.
iam_actions.extract_iam_action = lambda *request: re.sub("^(sqs:.*)Batch$", r"\1", unmended_action(*request) or "") or None
# The queues refuse what does not come by TLS, which nobody speaks on one machine.
app.pin_request_origin = lambda address, _: unmended_origin(address, True)
app.main()
