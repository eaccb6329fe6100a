/** What was written by hand while the system was away, typed in afterwards; and the forms for it. */
import { t } from '@gh/i18n'
import { LiveProvider, useLoaded } from '@gh/live'
import { Button, Header, Skeleton, Stale, useConsoleTheme } from '@gh/ui'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { Blank } from '../../panels/paper/blank.tsx'
import { Entered, Entry } from '../../panels/paper/entry.tsx'
import '../../panels/paper/paper.css'

export default function PaperConsole() {
  useConsoleTheme('paper', 'light')
  return (
    <LiveProvider view="board">
      <Paper />
    </LiveProvider>
  )
}

function Paper() {
  const loaded = useLoaded()
  const navigate = useNavigate()
  const [blank, setBlank] = useState(false)
  return (
    <div className="pp">
      <div className="gh-noprint">
        <Header title={t('paper.title')} />
        <Stale />
      </div>
      <nav className="pp-tabs gh-noprint">
        <Button on={!blank} onClick={() => setBlank(false)} data-testid="tab-entry">
          {t('paper.entry')}
        </Button>
        <Button on={blank} onClick={() => setBlank(true)} data-testid="tab-blank">
          {t('paper.blank')}
        </Button>
        <span className="gh-sp" />
        <a
          className="gh-btn"
          href="/api/run-sheet.pdf"
          target="_blank"
          data-testid="run-sheet"
          rel="noopener"
        >
          {t('paper.run_sheet')}
        </a>
        <Button onClick={() => void navigate('/dispatcher')} data-testid="to-desk">
          {t('paper.to_desk')}
        </Button>
      </nav>
      <main className="pp-main">
        {!loaded ? (
          <Skeleton rows={10} />
        ) : blank ? (
          <Blank />
        ) : (
          <>
            <Entry />
            <Entered />
          </>
        )}
      </main>
    </div>
  )
}
