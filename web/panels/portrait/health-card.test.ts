import { expect, test } from 'vitest'
import { canSeeCodes, readCode, readHealthCard } from './health-card.ts'

const LONG = 'E1D10AAC73D0B947060B099128732C96'.repeat(2)

test('of a code the identifier alone is kept', () => {
  expect(readHealthCard(`${LONG}:1`)).toBe(LONG)
  expect(readHealthCard(` ${LONG}:0:20261121083000:330100\r\n`)).toBe(LONG)
  expect(readHealthCard('99HC0001000001:1')).toBe('99HC0001000001')
})

test('anything else is a number as it stands', () => {
  expect(readHealthCard('330100-0017/2')).toBe('330100-0017/2')
  expect(readHealthCard(`${LONG}:17`)).toBe(`${LONG}:17`)
})

test('what can be no number is none', () => {
  expect(readHealthCard('  ')).toBeNull()
  expect(readHealthCard('x'.repeat(129))).toBeNull()
  expect(readHealthCard('12\u000034')).toBeNull()
})

test('a browser without a reader of codes sees none', async () => {
  expect(canSeeCodes()).toBe(false)
  expect(await readCode(new Blob())).toBeNull()
})
