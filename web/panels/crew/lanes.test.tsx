import type { Lane } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, expect, it } from 'vitest'
import { Lanes, lanesText } from './nav-card.tsx'

const lane = (way: 'left' | 'continue' | 'right', fits: boolean): Lane => ({ ways: [way], fits })

beforeEach(() => setLang('zh-CN'))

it('says which lanes to take from the nearer side, and nothing where all will do', () => {
  const right = [lane('left', false), lane('continue', false), lane('right', true)]
  expect(lanesText(right)).toBe('走右侧 1 条车道')
  expect(lanesText([lane('left', true), lane('continue', false)])).toBe('走左侧 1 条车道')
  expect(lanesText([lane('left', false), lane('continue', true), lane('right', false)])).toBe(
    '走从左数第 2 车道',
  )
  expect(lanesText([lane('continue', true), lane('continue', true)])).toBe('')
  expect(lanesText([])).toBe('')
})

it('draws each lane from the left and lights those to take', () => {
  const lanes = [lane('left', false), { ways: ['continue', 'right'], fits: true } as Lane]
  const html = renderToStaticMarkup(<Lanes lanes={lanes} words={lanesText(lanes)} />)
  expect(html).toMatch(/<i aria-hidden="true">←<.i><i class="on" aria-hidden="true">↑→<.i>/)
})
