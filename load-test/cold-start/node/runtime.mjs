// The least that a runtime for Node must do: Lambda's own loads more, and does more.
import { Agent, request } from 'node:http'
import { handler } from './handler.mjs'

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':')
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
    request({ hostname, port, agent, method, path: `/2018-06-01/runtime/${path}`, headers }, response => {
      const chunks = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }))
    }).on('error', reject).end(body)
  })
}

async function run() {
  for (;;) {
    const { headers, body } = await call('GET', 'invocation/next')
    const id = headers['lambda-runtime-aws-request-id']
    process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id']
    try {
      await call('POST', `invocation/${id}/response`, JSON.stringify(await handler(JSON.parse(body))))
    } catch (fault) {
      await call('POST', `invocation/${id}/error`, JSON.stringify({ errorMessage: String(fault?.stack ?? fault) }))
    }
  }
}

run()
