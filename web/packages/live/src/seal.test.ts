import { expect, test } from 'vitest'
import { seal, sealingKey, unseal } from './seal.ts'

const key = (letter: string) => sealingKey(btoa(letter.repeat(32)))

test('a text is opened by the key and in the place that sealed it, and by no other', async () => {
  const mine = await key('k')
  const sealed = await seal('主诉胸痛', 'i/1', mine)
  expect(new TextDecoder().decode(sealed.data)).not.toContain('胸痛')
  expect(await unseal(sealed, 'i/1', mine)).toBe('主诉胸痛')
  await expect(unseal(sealed, 'i/2', mine)).rejects.toThrow()
  await expect(unseal(sealed, 'i/1', await key('x'))).rejects.toThrow()
  expect((await seal('主诉胸痛', 'i/1', mine)).iv).not.toEqual(sealed.iv)
})

test('no script reads the key out again', async () => {
  expect((await key('k')).extractable).toBe(false)
  await expect(crypto.subtle.exportKey('raw', await key('k'))).rejects.toThrow()
})
