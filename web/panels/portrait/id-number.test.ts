import { expect, test } from 'vitest'
import { readIdNumber } from './id-number.ts'

test.each([
  ['11010519491231002X', '1949-12-31', 'female'],
  [' 11010519491231002x ', '1949-12-31', 'female'],
  ['440524188001010014', '1880-01-01', 'male'],
])('%s says birth and sex', (number, born, sex) => {
  expect(readIdNumber(number)).toMatchObject({ ok: true, born, sex })
})

// The same refusals as the centre's (tests/unit/test_id_card.py).
test.each([
  ['', 'id_length', '0'],
  ['110105194912310O2X', 'id_digit', '16'],
  ['11010519491231002Y', 'id_digit', '18'],
  ['11010519491331002X', 'id_birth_date', '1949-13-31'],
  ['11010520230229002X', 'id_birth_date', '2023-02-29'],
  ['110105194912310021', 'id_check_digit', '18: 1 ≠ X'],
])('%s is refused with its digit', (number, code, detail) => {
  expect(readIdNumber(number)).toEqual({ ok: false, code, detail })
})
