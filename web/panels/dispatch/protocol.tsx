import { t } from '@gh/i18n'
import { useContentQuery } from '@gh/live'
import { Button, Empty, ErrorNote, Skeleton, useHotkeys } from '@gh/ui'
import { type CSSProperties, useEffect, useRef, useState } from 'react'
import { Asking } from './asking.tsx'
import { isOpenHere } from './copy-note.tsx'
import { useDesk } from './desk.tsx'
import { Guidance } from './guidance.tsx'
import { LevelBar } from './level-bar.tsx'
import { answersOf, cardOf, findScript, isTcpr } from './model.ts'
import { StandbyFacts } from './standby.tsx'
import { caseText } from './words.ts'

/** One question per screen, answered by a digit; the level and "send now" always below. */
export function Protocol() {
  const desk = useDesk()
  const content = useContentQuery()
  const { incident } = desk
  const [tab, setTab] = useState<'ask' | 'guide'>('ask')
  const [again, setAgain] = useState('')
  // The words are read where the caller is: not at a desk that only looks at the case.
  const script = incident?.node
    ? undefined
    : incident?.scripts.find((id) => content.data && findScript(content.data, id))

  // An arrest interrupts: the first words to the caller matter more than the next question.
  const arrest = incident?.scripts.some(isTcpr) ?? false
  const shownFor = useRef('')
  const caseId = incident?.id ?? ''
  useEffect(() => {
    if (arrest && shownFor.current !== caseId) {
      shownFor.current = caseId
      setTab('guide')
    }
  }, [arrest, caseId])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another case begins at its question
  useEffect(() => {
    setAgain('')
    if (!arrest) setTab('ask')
  }, [caseId])

  useHotkeys({ p: () => setTab((now) => (now === 'ask' ? 'guide' : 'ask')) }, script !== undefined)

  if (content.isError) {
    return (
      <section className="gh-panel proto">
        <ErrorNote
          what={t('protocol.failed')}
          works={t('protocol.failed_works')}
          retry={() => void content.refetch()}
        />
      </section>
    )
  }
  const open = incident !== undefined && isOpenHere(incident)
  const first = incident?.answers.entry && Object.keys(incident.answers.entry).length > 0
  return (
    <section className="gh-panel proto" aria-label={t('protocol.title')} data-testid="protocol">
      <div className="gh-ph">
        <h2>
          {incident?.standby
            ? t('standby.word')
            : tab === 'ask'
              ? t('protocol.title')
              : t('guidance.title')}
          {incident?.topic || incident?.standby ? ` · ${caseText(content.data, incident)}` : ''}
        </h2>
        {content.data && incident?.topic ? (
          <span className="gh-m gh-s">
            v{cardOf(content.data, incident.topic)?.about.version ?? ''}
          </span>
        ) : null}
        <span className="gh-sp" />
        {script ? (
          <>
            <Button on={tab === 'ask'} onClick={() => setTab('ask')} data-testid="tab-ask">
              {t('protocol.ask')}
            </Button>
            <Button
              on={tab === 'guide'}
              keycap="P"
              onClick={() => setTab('guide')}
              data-testid="tab-guide"
            >
              {t('guidance.title')}
            </Button>
          </>
        ) : null}
        {first && open ? (
          <Progress
            given={content.data && incident ? answersOf(content.data, incident).length : 0}
            left={incident?.next_questions.length ?? 0}
          />
        ) : null}
      </div>
      {content.data === undefined ? (
        <Skeleton rows={6} />
      ) : incident === undefined ? (
        desk.call ? (
          <Empty title={t('protocol.before')} hint={t('protocol.before_hint')} />
        ) : (
          <Empty title={t('protocol.empty')} />
        )
      ) : incident.standby ? (
        <StandbyFacts incident={incident} />
      ) : tab === 'guide' && script ? (
        <Guidance content={content.data} incident={incident} />
      ) : (
        <Asking
          key={incident.id}
          content={content.data}
          incident={incident}
          again={again}
          setAgain={setAgain}
        />
      )}
      {incident && content.data ? <LevelBar incident={incident} content={content.data} /> : null}
    </section>
  )
}

/** How far the questions are: bars beside the words, since a bar alone tells no number. */
function Progress({ given, left }: { given: number; left: number }) {
  const all = given + left
  return (
    <span className="progress gh-s" data-testid="progress">
      <i style={{ '--part': all === 0 ? 0 : given / all } as CSSProperties} />
      <b>{given}</b>/{all}
      <span className="gh-m">{t('protocol.open_questions', { n: left })}</span>
    </span>
  )
}
