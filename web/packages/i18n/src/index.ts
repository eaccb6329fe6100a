/** Every text that a person reads. zh-CN first; every file of a language's folder is one part. */
import { useSyncExternalStore } from 'react'

export type Lang = 'zh-CN' | 'en'
type Catalogue = Record<string, string>
export type Params = Record<string, string | number>

const FILES = {
  'zh-CN': import.meta.glob<Catalogue>('./zh-CN/*.json', { eager: true, import: 'default' }),
  en: import.meta.glob<Catalogue>('./en/*.json', { eager: true, import: 'default' }),
}
const merge = (parts: Record<string, Catalogue>): Catalogue =>
  Object.assign({}, ...Object.values(parts))

export const CATALOGUES: Record<Lang, Catalogue> = {
  'zh-CN': merge(FILES['zh-CN']),
  en: merge(FILES.en),
}

const KEY = 'gh.lang'
function stored(): Lang {
  try {
    return localStorage.getItem(KEY) === 'en' ? 'en' : 'zh-CN'
  } catch {
    return 'zh-CN'
  }
}

let lang: Lang = stored()
const listeners = new Set<() => void>()

export function setLang(next: Lang): void {
  lang = next
  try {
    localStorage.setItem(KEY, next)
  } catch {
    // A locked-down browser keeps the choice for this page only.
  }
  document.documentElement.lang = next
  for (const listener of listeners) listener()
}

const fill = (text: string, params: Params | undefined): string =>
  params === undefined
    ? text
    : text.replace(/\{(\w+)\}/g, (whole, name: string) =>
        params[name] === undefined ? whole : String(params[name]),
      )

/** The text of a key; the key itself where a catalogue has none, so that the gap is seen. */
export const t = (key: string, params?: Params): string =>
  fill(CATALOGUES[lang][key] ?? key, params)

/** For codes of the server that may be newer than this page. */
export const tOr = (key: string, fallback: string, params?: Params): string =>
  fill(CATALOGUES[lang][key] ?? fallback, params)

export const hasText = (key: string): boolean => CATALOGUES[lang][key] !== undefined

export const getLang = (): Lang => lang

export function useLang(): { lang: Lang; setLang: (next: Lang) => void } {
  const now = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => lang,
  )
  return { lang: now, setLang }
}

/** The name in the reader's language of something that carries both. */
export const named = (thing: { name: string; name_en?: string }): string =>
  lang === 'en' && thing.name_en ? thing.name_en : thing.name

const ZONE = 'Asia/Shanghai'
const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const day = new Intl.DateTimeFormat('en-CA', {
  timeZone: ZONE,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
})
const weekdays = {
  'zh-CN': new Intl.DateTimeFormat('zh-CN', { timeZone: ZONE, weekday: 'short' }),
  en: new Intl.DateTimeFormat('en', { timeZone: ZONE, weekday: 'short' }),
}

/** Names as people sort them: 急救2 before 急救10. One collator, since making one is slow. */
export const inOrder = new Intl.Collator('zh-CN', { numeric: true }).compare

/** 14:32:08, Shanghai. */
export const clockTime = (ms: number): string => clock.format(ms)
/** 2026-11-21. */
export const dayOf = (ms: number): string => day.format(ms)
export const weekday = (ms: number): string => weekdays[lang].format(ms)
export const dayTime = (ms: number): string => `${dayOf(ms)} ${clockTime(ms)}`

/** 38 s, 2′14″, 1 h 06: a length of time as large figures show it. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds))
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)}′${String(s % 60).padStart(2, '0')}″`
  if (s < 86400) {
    return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')}′`
  }
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`
}

/** "12 min" / "12 分钟": an age in words, coarse. */
export function ago(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds))
  if (s < 60) return t('time.s_ago', { n: s })
  if (s < 3600) return t('time.min_ago', { n: Math.floor(s / 60) })
  if (s < 86400) return t('time.h_ago', { n: Math.floor(s / 3600) })
  return t('time.d_ago', { n: Math.floor(s / 86400) })
}

export const metres = (m: number): string =>
  m < 1000 ? `${Math.round(m)} m` : `${(m / 1000).toFixed(m < 10_000 ? 1 : 0)} km`
