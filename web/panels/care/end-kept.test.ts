import type { PatientRow } from '@gh/contract'
import { expect, it } from 'vitest'
import { endOf } from './end-kept.tsx'

const one = (name: string | null, letter: string) => ({ name, letter }) as PatientRow

it('keeps the letter of the unknown, with what stands behind it', () => {
  const text = '无名氏（男）20260912-0007-A-01-B（手环）'
  expect(endOf(text, one(null, 'B'))).toEqual(['无名氏（男）20260912-0007-A-01', '-B（手环）'])
})

it('cuts a name that somebody bears at its end, and what has no letter', () => {
  expect(endOf('周-B', one('周-B', 'B'))).toEqual(['周-B', ''])
  expect(endOf('未上设备', undefined)).toEqual(['未上设备', ''])
  expect(endOf('无名氏', one(null, ''))).toEqual(['无名氏', ''])
})
