/** Quality: cases with every stamp's source, their replay, the indicators. Reading only; prints on A4. */
import { t, useLang } from '@gh/i18n'
import { useSession } from '@gh/session'
import { Empty, Header, Panel, useConsoleTheme } from '@gh/ui'
import { useCallback, useEffect, useRef } from 'react'
import { NavLink, useLocation, useNavigate, useParams } from 'react-router'
import { FleetRegister } from '../../panels/admin/fleet-register.tsx'
import { RefusedCopies } from '../../panels/admin/refused-copies.tsx'
import { CaseFile } from '../../panels/review/case-file.tsx'
import { CaseList } from '../../panels/review/case-list.tsx'
import { Fleet } from '../../panels/review/fleet.tsx'
import { Kpis } from '../../panels/review/kpis.tsx'
import { Replay } from '../../panels/review/replay.tsx'
import { Waiting } from '../../panels/review/waiting.tsx'
import { Ws542 } from '../../panels/review/ws542.tsx'
import { Roster } from '../../panels/roster/roster.tsx'
import '../../panels/review/review.css'

export default function ReviewConsole() {
  useLang()
  const session = useSession()
  useConsoleTheme('review', 'light')
  const { incident = '' } = useParams()
  const { pathname } = useLocation()
  const kpi = pathname.startsWith('/kpi')
  const replay = pathname.endsWith('/replay')
  const navigate = useNavigate()
  const tabs = useRef<HTMLElement>(null)
  // On a tablet the tabs run out of the header's width: the open one is brought into sight.
  useEffect(() => {
    if (pathname !== '')
      tabs.current?.querySelector('.active')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [pathname])
  const open = useCallback((id: string) => void navigate(`/review/${id}`), [navigate])
  const first = useCallback(
    (id: string) => void navigate(`/review/${id}`, { replace: true }),
    [navigate],
  )
  return (
    <div className="rv">
      <div className="gh-noprint">
        <Header title={t('review.title')}>
          <nav className="rv-tabs" ref={tabs}>
            <NavLink to="/review" data-testid="tab-cases">
              {t('review.cases')}
            </NavLink>
            <NavLink to="/kpi" data-testid="tab-kpi">
              {t('review.kpi_title')}
            </NavLink>
            {session?.role !== 'admin' && (
              <NavLink to="/fleet" data-testid="tab-fleet">
                {t('fleet.title')}
              </NavLink>
            )}
            {session?.role === 'quality' && (
              <NavLink to="/waiting" data-testid="tab-waiting">
                {t('review.waiting')}
              </NavLink>
            )}
            {session?.role === 'supervisor' && (
              <NavLink to="/roster" data-testid="tab-roster">
                {t('admin.tab.roster')}
              </NavLink>
            )}
            {session?.role === 'supervisor' && (
              <NavLink to="/vehicles" data-testid="tab-vehicles">
                {t('admin.tab.vehicles')}
              </NavLink>
            )}
            {session?.role === 'supervisor' && session.node && (
              <NavLink to="/nodes" data-testid="tab-nodes">
                {t('admin.tab.nodes')}
              </NavLink>
            )}
            {(session?.role === 'quality' || session?.role === 'supervisor') && (
              <NavLink to="/ws542" data-testid="tab-ws542">
                {t('review.ws542')}
              </NavLink>
            )}
          </nav>
        </Header>
      </div>
      {pathname.startsWith('/ws542') ? (
        <main className="rv-main one">
          <Ws542 />
        </main>
      ) : pathname.startsWith('/roster') ? (
        <main className="rv-main one">
          <Roster within={null} />
        </main>
      ) : pathname.startsWith('/nodes') ? (
        <main className="rv-main one">
          <RefusedCopies />
        </main>
      ) : pathname.startsWith('/vehicles') ? (
        <main className="rv-main one">
          <FleetRegister within={null} />
        </main>
      ) : pathname.startsWith('/waiting') ? (
        <main className="rv-main one">
          <Waiting />
        </main>
      ) : pathname.startsWith('/fleet') ? (
        <main className="rv-main one">
          <Fleet />
        </main>
      ) : kpi ? (
        <main className="rv-main one">
          <Kpis />
        </main>
      ) : replay ? (
        <main className="rv-main one">
          <Replay key={incident} incidentId={incident} />
        </main>
      ) : (
        <main className="rv-main">
          <CaseList selected={incident} onSelect={open} onFirst={first} />
          {incident === '' ? (
            <Panel title={t('review.case')}>
              <Empty title={t('review.choose_case')} />
            </Panel>
          ) : (
            <CaseFile key={incident} incidentId={incident} />
          )}
        </main>
      )}
    </div>
  )
}
