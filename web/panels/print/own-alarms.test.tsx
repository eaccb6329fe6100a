import type { OwnAlarmRow, WholeRecord } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, expect, it } from 'vitest'
import { clockTime } from '../care/format.ts'
import { OwnAlarms } from './own-alarms.tsx'

const AT_MS = 1_800_000_000_000
const row = (changes: Partial<OwnAlarmRow>): OwnAlarmRow => ({
  device: '0200000000000009',
  event: 'MDC_EVT_LO_VAL_LT_LIM',
  source: 'MDC_PULS_OXIM_SAT_O2',
  nature: 'physiological',
  priority: 'high',
  words: 'SPO2 LOW',
  value: '82 %',
  limits: '>90',
  begun_ms: AT_MS,
  ended_ms: AT_MS + 90_000,
  end: 'device',
  times: 1,
  quiet: '',
  quiet_ms: null,
  silent_ms: null,
  origin: '',
  ...changes,
})
const print = (rows: OwnAlarmRow[], ended_ms: number | null = null) =>
  renderToStaticMarkup(
    <OwnAlarms
      content={undefined as never}
      whole={{ device_alarms: rows, origins: {}, mission: { ended_ms } } as unknown as WholeRecord}
    />,
  )

beforeEach(() => setLang('zh-CN'))

it('prints begin and end, priority, words, value, limits and device', () => {
  const html = print([row({ quiet: 'alert-acknowledged', quiet_ms: AT_MS + 30_000 })])
  expect(html).toContain(`${clockTime(AT_MS)}–${clockTime(AT_MS + 90_000)}`)
  expect(html).toContain('!!! 高')
  expect(html).toContain('<b>SPO2 LOW</b> 82 % 界限 &gt;90')
  expect(html).toContain(`设备报告结束 · 设备端已确认 ${clockTime(AT_MS + 30_000)}`)
  expect(html).toContain('0009')
})

it('says of a device that fell silent since when, and that no end was told', () => {
  const silent = row({ ended_ms: null, end: null, silent_ms: AT_MS + 60_000 })
  const time = clockTime(AT_MS + 60_000)
  expect(print([silent])).toContain(`最后已知：设备自 ${time} 起无信号`)
  expect(print([silent])).not.toContain('仍在报警')
  expect(print([{ ...silent, silent_ms: null }])).toContain('仍在报警')
  expect(print([silent], AT_MS + 600_000)).toContain('未报告结束')
  setLang('en')
  expect(print([silent])).toContain(`last known: device silent since ${time}`)
})

it('counts moments, and says that there was none', () => {
  expect(print([row({ end: 'moment', times: 12 })])).toContain('12 次')
  expect(print([])).toContain('无')
})
