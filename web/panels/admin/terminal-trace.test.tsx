import type { FramePage, KeptFrame } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, expect, it } from 'vitest'
import { FrameList } from './terminal-trace.tsx'

const frame = (line_ms: number, n: number): KeptFrame => ({
  line_ms,
  n,
  at_ms: line_ms + n,
  sent: n % 2 === 0,
  hex: `00${n}`,
})
const page = (frames: KeptFrame[], more: boolean): FramePage => ({
  frames,
  more,
  most: 5000,
  days: 7,
})
const shown = (found: FramePage, before: KeptFrame | null = null) =>
  renderToStaticMarkup(<FrameList page={found} before={before} />)

beforeEach(() => setLang('zh-CN'))

it('says how many frames between two were not kept, also across pages', () => {
  expect(shown(page([frame(1_000, 9), frame(1_000, 5)], true))).toContain('中间 3 帧未保留')
  expect(shown(page([frame(1_000, 5)], true), frame(1_000, 8))).toContain('中间 2 帧未保留')
  expect(shown(page([frame(1_000, 6), frame(1_000, 5)], true))).not.toContain('未保留')
})

it('says where another connection begins, and at the end what the store drops', () => {
  const html = shown(page([frame(90_000, 1), frame(1_000, 5)], false))
  expect(html).toContain('另一次连接')
  expect(html).toContain('最新 5000 帧、7 天')
})
