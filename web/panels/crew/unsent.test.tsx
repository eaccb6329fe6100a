import type { Unsent } from '@gh/live'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, expect, it, vi } from 'vitest'
import { UnsentBar } from './unsent.tsx'

let unsent: Unsent[] = []
let keeps = true
vi.mock('@gh/session', () => ({ useSession: () => ({ person_id: 'p-li', name: '李' }) }))
vi.mock('@gh/live', () => ({
  forget: () => {},
  keepUnsent: () => () => {},
  useKeeps: () => keeps,
  useUnsent: () => unsent,
}))
vi.mock('@gh/ui', () => ({ refusalText: ({ code }: { code: string }) => code }))

const one = (now: Partial<Unsent>): Unsent => ({
  installation: 'i',
  sequence: 1,
  person_id: 'p-li',
  name: '李',
  path: '/api/commands',
  kind: 'patient.give_drug',
  what: {},
  since_ms: 1_800_000_000_000,
  late: true,
  refusal: null,
  ...now,
})
const shown = () => renderToStaticMarkup(<UnsentBar />)
beforeEach(() => {
  keeps = true
})

it('says nothing of what is on its way', () => {
  unsent = [one({ late: false })]
  expect(shown()).toBe('')
})

it('counts what has no answer, and says whether a reload loses it', () => {
  unsent = [one({}), one({ sequence: 2 })]
  expect(shown()).toContain('未送出 2 条')
  expect(shown()).toContain('已存在本平板')
  keeps = false
  expect(shown()).toContain('不能保存')
})

it('names whose entries wait for a log-in', () => {
  unsent = [one({ person_id: 'p-wang', name: '王' })]
  expect(shown()).toContain('王有 1 条未送出')
  expect(shown()).not.toContain('unsent-mine')
})

it('says what was refused and why, until it was read', () => {
  unsent = [one({ refusal: { code: 'patient_merged', field: '', detail: '' } })]
  expect(shown()).toContain('用药')
  expect(shown()).toContain('patient_merged')
  expect(shown()).toContain('data-testid="unsent-seen"')
})
