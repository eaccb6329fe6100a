/** A tablet that joins a vehicle: it was led here by the code on the screen of another one. */
import { NoAnswer, Refusal } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { homeOf, join } from '@gh/session'
import { Button, ErrorNote, Logo, Refused, useConsoleTheme } from '@gh/ui'
import { useEffect, useRef, useState } from 'react'
import { useNavigate } from 'react-router'

export default function Join() {
  useConsoleTheme('login', 'dark')
  useLang()
  const navigate = useNavigate()
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [silent, setSilent] = useState(false)
  const asked = useRef(false)
  useEffect(() => {
    // The code is good once; a second look at this page must not spend it.
    if (asked.current) return
    asked.current = true
    join(window.location.hash.slice(1)).then(
      (session) => navigate(homeOf(session), { replace: true }),
      (error: unknown) => {
        if (error instanceof Refusal) setRefusal(error)
        else if (error instanceof NoAnswer) setSilent(true)
        else throw error
      },
    )
  }, [navigate])
  return (
    <main className="shell-middle" data-testid="join">
      <Logo />
      {refusal === null && !silent ? <p className="gh-m">{t('join.opening')}</p> : null}
      <Refused refusal={refusal} />
      {silent ? <ErrorNote what={t('join.no_answer')} /> : null}
      {refusal !== null || silent ? (
        <Button look="primary" onClick={() => navigate('/login', { replace: true })}>
          {t('join.log_in')}
        </Button>
      ) : null}
    </main>
  )
}
