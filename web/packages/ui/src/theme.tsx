import { useLang } from '@gh/i18n'
import { theme as antd, ConfigProvider } from 'antd'
import en from 'antd/locale/en_US'
import zhCN from 'antd/locale/zh_CN'
import { type ReactNode, useEffect, useSyncExternalStore } from 'react'

export type Theme = 'dark' | 'light'

let current: Theme = 'dark'
let scope = 'desk'
const listeners = new Set<() => void>()

function apply(next: Theme): void {
  current = next
  document.documentElement.dataset.theme = next
  for (const listener of listeners) listener()
}

function stored(name: string): Theme | null {
  try {
    const value = localStorage.getItem(`gh.theme.${name}`)
    return value === 'dark' || value === 'light' ? value : null
  } catch {
    return null
  }
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function setTheme(next: Theme): void {
  try {
    localStorage.setItem(`gh.theme.${scope}`, next)
  } catch {
    // A locked-down browser keeps the choice for this page only.
  }
  apply(next)
}

export function useTheme(): {
  theme: Theme
  setTheme: (next: Theme) => void
  toggle: () => void
} {
  const theme = useSyncExternalStore(subscribe, () => current)
  return { theme, setTheme, toggle: () => setTheme(theme === 'dark' ? 'light' : 'dark') }
}

/** The device's own day and night, which a tablet in a vehicle turns by its light or by the clock. */
const night = (): MediaQueryList => window.matchMedia('(prefers-color-scheme: dark)')
const byDevice = (): Theme => (night().matches ? 'dark' : 'light')

/** A console names itself and the theme it begins with; the reader's own choice is kept per console. */
export function useConsoleTheme(name: string, first: Theme | 'auto'): void {
  useEffect(() => {
    scope = name
    if (first !== 'auto') {
      apply(stored(name) ?? first)
      return
    }
    const follow = () => apply(stored(name) ?? byDevice())
    follow()
    const query = night()
    query.addEventListener('change', follow)
    return () => query.removeEventListener('change', follow)
  }, [name, first])
}

/** The choice of a person ends: the device's day and night count again. */
export function followDevice(): void {
  try {
    localStorage.removeItem(`gh.theme.${scope}`)
  } catch {
    // Nothing was kept.
  }
  apply(byDevice())
}

/** Ant Design in our colours, for the few of its components that we use. */
export function UiProvider({ children }: { children: ReactNode }) {
  const { theme } = useTheme()
  const { lang } = useLang()
  const dark = theme === 'dark'
  return (
    <ConfigProvider
      locale={lang === 'en' ? en : zhCN}
      theme={{
        algorithm: dark ? antd.darkAlgorithm : antd.defaultAlgorithm,
        token: {
          colorPrimary: dark ? '#22b8a6' : '#0b7d71',
          colorBgBase: dark ? '#161d24' : '#ffffff',
          colorTextBase: dark ? '#e8edf1' : '#16202a',
          colorBorder: dark ? '#3c4954' : '#b9c4cd',
          borderRadius: 6,
          motion: false,
          fontFamily: 'var(--f)',
        },
      }}
    >
      {children}
    </ConfigProvider>
  )
}
