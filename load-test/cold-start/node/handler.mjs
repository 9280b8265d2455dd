// The same work as our function: looks a member up, remembers that for 30 seconds, puts the message on the stream.
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'

const MEMBERSHIP_FOR_MS = 30_000

const dynamoDb = new DynamoDBClient({})
// HTTP/1.1, as the table's: the client's default for Kinesis is HTTP/2, which is one more thing to load.
const kinesis = new KinesisClient({ requestHandler: new NodeHttpHandler() })
const seen = new Map()

async function isMember(chatId, userId) {
  const seat = `${chatId}#${userId}`
  const now = Date.now()
  if (now < (seen.get(seat) ?? 0) + MEMBERSHIP_FOR_MS) {
    return true
  }
  const { Item } = await dynamoDb.send(new GetItemCommand({
    TableName: process.env.TABLE_NAME,
    Key: { PK: { S: `CHAT#${chatId}` }, SK: { S: `MEMBER#${userId}` } },
    ConsistentRead: true,
  }))
  if (!Item || Item.role.S === 'removed') {
    return false
  }
  seen.set(seat, now)
  return true
}

async function send({ requestId, chatId, clientMessageId, text }, userId, traceId) {
  const message = {
    v: 1, type: 'message', chatId, senderId: userId, clientMessageId, text, resend: false,
    sentAt: new Date().toISOString(), traceId,
  }
  const { SequenceNumber: number } = await kinesis.send(new PutRecordCommand({
    StreamName: process.env.STREAM_NAME, PartitionKey: chatId, Data: Buffer.from(JSON.stringify(message)),
  }))
  const position = `${String(number.length).padStart(3, '0')}${number}-00000000`
  return { type: 'sent', requestId, chatId, clientMessageId, position }
}

async function answer(frame, { userId, exp }, traceId) {
  const refusal = { type: 'error', requestId: frame.requestId, chatId: frame.chatId }
  if (Date.now() >= Number(exp) * 1000) {
    return { ...refusal, code: 'TOKEN_EXPIRED' }
  }
  return (await isMember(frame.chatId, userId))
    ? send(frame, userId, traceId)
    : { ...refusal, code: 'CHAT_NOT_FOUND' }
}

export async function handler(event) {
  const traceId = /(?:^|;)Root=([^;]+)/.exec(process.env._X_AMZN_TRACE_ID ?? '')?.[1]
  const body = await answer(JSON.parse(event.body), event.requestContext.authorizer, traceId)
  return { statusCode: 200, body: JSON.stringify(body) }
}
