import type { Keeping, Unsent } from '@gh/live'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, expect, it, vi } from 'vitest'
import { UnsentBar } from './unsent.tsx'

let unsent: Unsent[] = []
let keeping: Keeping = 'sealed'
let shut: { installation: string; sequence: number }[] = []
vi.mock('@gh/session', () => ({ useSession: () => ({ person_id: 'p-li', name: '李' }) }))
vi.mock('@gh/live', () => ({
  forget: () => {},
  keepUnsent: () => () => {},
  useKeeping: () => keeping,
  useShut: () => shut,
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
  keeping = 'sealed'
  shut = []
})

it('says nothing of what is on its way', () => {
  unsent = [one({ late: false })]
  expect(shown()).toBe('')
})

it('counts what has no answer, and says whether a reload loses it', () => {
  unsent = [one({}), one({ sequence: 2 })]
  expect(shown()).toContain('未送出 2 条')
  expect(shown()).toContain('已加密存在本平板')
  keeping = 'no_key'
  expect(shown()).toContain('仅在内存中')
  keeping = 'not'
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

it('shows the words that were refused', () => {
  const what = { command: { kind: 'patient.take_note', text: { as: 'clear', text: '主诉胸痛' } } }
  unsent = [one({ what, refusal: { code: 'record_signed', field: '', detail: '' } })]
  expect(shown()).toContain('主诉胸痛')
})

it('says what lies sealed, and what no key of this vehicle opens', () => {
  unsent = []
  shut = [{ installation: 'i', sequence: 1 }]
  keeping = 'no_key'
  expect(shown()).toContain('1 条未送出已加密')
  expect(shown()).not.toContain('data-testid="unsent-seen"')
  keeping = 'sealed'
  expect(shown()).toContain('请重新录入')
  expect(shown()).toContain('data-testid="unsent-seen"')
})
