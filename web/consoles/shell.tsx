/** What stands around every console: who may enter, what is said when nothing can be shown. */
import type { Role, Session } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { ContentProvider, syncClock } from '@gh/live'
import { homeOf, useSessionState } from '@gh/session'
import { Button, ErrorNote, Logo } from '@gh/ui'
import { type ComponentType, type ReactNode, Suspense, useEffect } from 'react'
import { Navigate, useLocation, useNavigate, useRouteError } from 'react-router'
import './shell.css'

const Middle = ({ children }: { children: ReactNode }) => (
  <main className="shell-middle">
    <Logo />
    {children}
  </main>
)

const Opening = () => (
  <Middle>
    <p className="gh-m" data-testid="opening">
      {t('app.loading')}
    </p>
  </Middle>
)

function Entered({ session, children }: { session: Session; children: ReactNode }) {
  const { lang } = useLang()
  useEffect(() => syncClock(session.server_ms), [session.server_ms])
  return (
    <Suspense key={lang} fallback={<Opening />}>
      <ContentProvider>{children}</ContentProvider>
    </Suspense>
  )
}

const Unreachable = () => (
  <Middle>
    <ErrorNote
      what={t('app.no_server')}
      works={t('app.no_server_works')}
      todo={t('app.no_server_todo')}
    />
  </Middle>
)

export function Gate({ roles, Console }: { roles: Role[]; Console: ComponentType }) {
  const { session, unreachable } = useSessionState()
  const location = useLocation()
  const navigate = useNavigate()
  if (unreachable) return <Unreachable />
  if (session === undefined) return <Opening />
  if (session === null) {
    return <Navigate to="/login" replace state={{ from: location.pathname + location.search }} />
  }
  if (!roles.includes(session.role)) {
    return (
      <Middle>
        <p>{t('app.wrong_console', { role: t(`role.${session.role}`) })}</p>
        <Button look="primary" onClick={() => navigate(homeOf(session))}>
          {t('app.go_home')}
        </Button>
      </Middle>
    )
  }
  return (
    <Entered session={session}>
      <Console />
    </Entered>
  )
}

/** `/`: to the console of the role. */
export function Home() {
  const { session, unreachable } = useSessionState()
  if (unreachable) return <Unreachable />
  if (session === undefined) return <Opening />
  return <Navigate to={session === null ? '/login' : homeOf(session)} replace />
}

/** A bug in a console: said in words, and the way back. */
export function Crash() {
  const error = useRouteError()
  return (
    <Middle>
      <ErrorNote
        what={t('app.crashed')}
        works={error instanceof Error ? error.message : String(error)}
        todo={t('app.crashed_todo')}
      />
      <Button look="primary" onClick={() => window.location.reload()}>
        {t('app.reopen')}
      </Button>
    </Middle>
  )
}
