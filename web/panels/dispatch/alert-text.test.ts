import { setLang } from '@gh/i18n'
import { expect, test } from 'vitest'
import { eventSentence } from '../care/event-words.ts'
import { alertText } from './alert-strip.tsx'

const said = (details: Record<string, string>) => alertText({ code: 'sos', details }, [])
const logged = (summary: Record<string, string>) =>
  eventSentence({ kind: 'unit.help_called.v1', summary }, undefined)

test('a call for help is told as what made it: the crew, or its vehicle', () => {
  setLang('zh-CN')
  const crew = { call_sign: 'A-01' }
  expect(said(crew)).toBe('A-01 车组紧急求助')
  expect(said({ ...crew, by_alarm: 'sos' })).toBe('A-01 车载终端报警：紧急按钮')
  expect(logged(crew)).toBe('A-01 紧急求助')
  expect(logged({ ...crew, by_alarm: 'collision' })).toBe('A-01 紧急求助（车载终端报警：碰撞）')
  setLang('en')
  expect(said({ ...crew, by_alarm: 'rollover' })).toBe('A-01 vehicle terminal alarm: rollover')
  setLang('zh-CN')
})
