/** Blank forms with their numbers, to be printed before they are needed: two on a page of A4. */
import { MILESTONES } from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { Button, Panel } from '@gh/ui'
import { useState } from 'react'
import { listNumbers } from './form.ts'

const MOST = 200
const label = (name: string): string => tOr(`paper.f.${name}`, t(`milestone.${name}`))

export function Blank() {
  const [first, setFirst] = useState('P-000001')
  const [count, setCount] = useState('20')
  const asked = Math.min(MOST, Math.max(1, Number.parseInt(count, 10) || 1))
  const numbers = listNumbers(first, asked)
  return (
    <>
      <Panel title={t('paper.blank')} testid="paper-blank" className="gh-noprint">
        <div className="pp-form">
          <label className="gh-field">
            <span>{t('paper.first')}</span>
            <input
              className="gh-input"
              value={first}
              onChange={(event) => setFirst(event.target.value)}
              data-testid="blank-first"
            />
          </label>
          <label className="gh-field">
            <span>{t('paper.count', { most: MOST })}</span>
            <input
              className="gh-input num"
              inputMode="numeric"
              value={count}
              onChange={(event) => setCount(event.target.value)}
              data-testid="blank-count"
            />
          </label>
          <div className="pp-do">
            <span className="gh-m">{t('paper.blank_hint')}</span>
            <Button look="primary" onClick={() => window.print()} data-testid="blank-print">
              {t('paper.print', { n: numbers.length })}
            </Button>
          </div>
        </div>
      </Panel>
      <div className="pp-sheets">
        {numbers.map((number) => (
          <BlankForm key={number} number={number} />
        ))}
      </div>
    </>
  )
}

function BlankForm({ number }: { number: string }) {
  return (
    <section className="pp-sheet" data-testid={`blank-${number}`}>
      <header>
        <h2>{t('paper.form_title')}</h2>
        <b className="num">{number}</b>
      </header>
      <dl>
        {(['day', 'called', 'number', 'address', 'topic', 'level', 'unit_id'] as const).map(
          (name) => (
            <Line key={name} name={name} wide={name === 'address'} />
          ),
        )}
        <Line name="assigned" />
        {MILESTONES.map((name) => (
          <Line key={name} name={name} />
        ))}
        {(['stood_down', 'hospital_id', 'name', 'age', 'sex', 'reason', 'note'] as const).map(
          (name) => (
            <Line key={name} name={name} wide={name === 'note'} />
          ),
        )}
      </dl>
      <footer>{t('paper.form_foot')}</footer>
    </section>
  )
}

const Line = ({ name, wide }: { name: string; wide?: boolean }) => (
  <div className={wide ? 'wide' : undefined}>
    <dt>{label(name)}</dt>
    <dd />
  </div>
)
