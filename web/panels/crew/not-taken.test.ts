import type { AlertRow, AsideItem } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { expect, test } from 'vitest'
import { alertText } from '../dispatch/alert-strip.tsx'
import { countItems, unseen } from './not-taken.tsx'

const item = (sequence: number): AsideItem =>
  ({ sequence, reason: 'not_its_run', event: {} }) as AsideItem

test('what came after the tablet was last shown is told again, by items', () => {
  const list = [item(3), item(5), item(5)]
  expect(countItems(list)).toBe(2)
  expect(unseen(list, 3)).toEqual([item(5), item(5)])
  expect(unseen(list, 5)).toEqual([])
})

test('the alert says whose, what and why', () => {
  setLang('zh-CN')
  const said = (details: AlertRow['details']) => alertText({ code: 'set_aside', details }, [])
  const details = { call_sign: 'A-01', event: 'mission.milestone.v1', milestone: 'departed' }
  expect(said({ ...details, aside: 'not_its_run' })).toContain('不是这辆车的任务')
  expect(said({ ...details, aside: 'not_its_run' })).not.toContain('mission.')
  expect(said({ seat: '03', aside: 'unit_claimed', event: 'mission.assigned.v1' })).toMatch(
    /^备用席 03 .*该车已被中心另派/,
  )
  expect(said({ call_sign: 'A-01', aside: 'origin_broken' })).toContain('生命体征')
})
