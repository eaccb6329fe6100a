import type { FileRow } from '@gh/contract'
import { expect, test } from 'vitest'
import { followers, pickable } from './following.ts'

const file = (changes: Partial<FileRow>): FileRow => ({
  patient_id: 'p1',
  sha256: 'ab',
  kind: 'ultrasound',
  media_type: 'application/dicom',
  size_bytes: 1,
  taken_ms: 100,
  taken_source: 'received',
  device: 'US-1',
  caption: null,
  by: 'US-1',
  name: '',
  added_ms: 100,
  standing: 'here',
  ...changes,
})
const stretch = { deviceId: 'US-1', from_ms: 100, to_ms: 200 }

test('a picture of the device follows within the stretch, its last moment outside', () => {
  const at = [99, 100, 199, 200].map((taken_ms) => file({ taken_ms }))
  expect(at.map((one) => followers([one], stretch))).toEqual([0, 1, 1, 0])
})

test('neither another device nor another kind follows', () => {
  expect(followers([file({ device: 'US-2' }), file({ kind: 'photo' })], stretch)).toBe(0)
})

test('a photo is ticked in its own record, a picture in none', () => {
  expect(pickable(file({ kind: 'photo' }), 'p1')).toBe(true)
  expect(pickable(file({ kind: 'photo' }), 'p2')).toBe(false)
  expect(pickable(file({}), 'p1')).toBe(false)
})
