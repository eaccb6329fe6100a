// Two judges of FHIR R4 that are not ours: JSON documents on stdin, one a line; what each says, one a line.
// An unknown property is an error: a receiver would lose it in silence.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const require = createRequire(new URL('../../web/package.json', import.meta.url))
const { Fhir } = require('fhir')
const Schema = require('@asymmetrik/fhir-json-schema-validator')
const fhir = new Fhir()
const schema = new Schema()

for await (const line of createInterface({ input: process.stdin })) {
  const document = JSON.parse(line)
  const found = fhir.validate(document, { errorOnUnexpected: true })
  const words = found.messages
    // Value sets that it does not carry, or that only recommend, are no error; it says "error" itself
    // where a binding is required.
    .filter((one) => one.severity === 'error' || !/value set/i.test(one.message))
    .map((one) => `${one.location}: ${one.message}`)
  // The schema tries every kind of resource for every entry of a bundle; one by one it is quick.
  const { entry = [], ...bundle } = document
  const parts = entry.map((one) => one.resource)
  const broken = [bundle, ...parts].flatMap((one) =>
    schema.validate(one).map((error) => `${one.resourceType}${error.dataPath}: ${error.message}`),
  )
  console.log(JSON.stringify({ fhir: words, schema: broken }))
}
