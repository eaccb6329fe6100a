import type { EdgeStatus, MapStatus } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, expect, it } from 'vitest'
import { lacksMap, mapText, NoMap } from './offline-map.tsx'

const DAY_MS = 86_400_000
const NOW_MS = 1_800_000_000_000
const NONE: MapStatus = {
  state: 'none',
  built_ms: null,
  looked_ms: null,
  fetched_bytes: 0,
  fetching_bytes: 0,
  no_room: false,
}
const FETCHED: MapStatus = { ...NONE, state: 'fetched', built_ms: NOW_MS - 3 * DAY_MS }

beforeEach(() => setLang('zh-CN'))

it('says how old the map is, and how far a newer one has come', () => {
  expect(mapText(FETCHED, NOW_MS)).toContain('3 d 前')
  const coming = { ...FETCHED, fetched_bytes: 35, fetching_bytes: 100 }
  expect(mapText(coming, NOW_MS)).toContain('35%')
  expect(mapText({ ...FETCHED, no_room: true }, NOW_MS)).toContain('磁盘')
})

it('says in words that there is none yet, and what happens next', () => {
  const shown = (map: MapStatus, connected: boolean) =>
    renderToStaticMarkup(<NoMap map={map} connected={connected} />)
  expect(shown(NONE, false)).toContain('接通中心后自动下载')
  expect(shown(NONE, true)).toContain('正在向中心')
  expect(shown({ ...NONE, fetched_bytes: 1, fetching_bytes: 4 }, true)).toContain('25%')
  expect(shown({ ...NONE, no_room: true }, true)).toContain('磁盘')
})

it('is missing where the vehicle says so, and nowhere else', () => {
  expect(lacksMap({ map: NONE } as EdgeStatus)).toBe(NONE)
  expect(lacksMap({ map: FETCHED } as EdgeStatus)).toBeNull()
  expect(lacksMap({ map: null } as EdgeStatus)).toBeNull()
  expect(lacksMap(undefined)).toBeNull()
})
