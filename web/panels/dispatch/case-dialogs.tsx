/** The small questions of a dispatcher's deeds: why, when, which. */
import type { Command } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend } from '@gh/live'
import { Button, Dialog, Refused, useHotkeys } from '@gh/ui'
import { type ReactNode, useState } from 'react'

interface ReasonProps {
  title: string
  /** Words to choose from; free text too. */
  choices: string[]
  command: (reason: string) => Command
  onClose: () => void
  children?: ReactNode
}

/** A deed that needs a reason: chosen by a digit, or written. */
export function ReasonDialog({ title, choices, command, onClose, children }: ReasonProps) {
  const { send, busy, refusal } = useSend()
  const [text, setText] = useState('')
  const go = async (reason: string) => {
    if (await send(command(reason))) onClose()
  }
  const choose = (choice: string) => () => {
    if (!busy) void go(choice)
  }
  useHotkeys(
    Object.fromEntries(choices.map((choice, i) => [String(i + 1), choose(choice)])),
    true,
    true,
  )
  return (
    <Dialog
      title={title}
      onClose={onClose}
      testid="reason-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          {text.trim() !== '' ? (
            <Button
              look="primary"
              busy={busy}
              onClick={() => void go(text.trim())}
              data-testid="reason-go"
            >
              {t('ui.confirm')}
            </Button>
          ) : null}
        </>
      }
    >
      {children}
      <div className="gh-choices">
        {choices.map((choice, i) => (
          <Button
            key={choice}
            keycap={String(i + 1)}
            busy={busy}
            onClick={() => void go(choice)}
            data-testid={`reason-${i + 1}`}
          >
            {choice}
          </Button>
        ))}
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (text.trim() !== '') void go(text.trim())
        }}
      >
        <label className="gh-field">
          <span>{t('dialog.other_reason')}</span>
          <input
            className="gh-input"
            value={text}
            onChange={(event) => setText(event.target.value)}
            data-lends-keys=""
            data-testid="reason-text"
          />
        </label>
      </form>
    </Dialog>
  )
}

interface CodeProps {
  title: string
  codes: readonly string[]
  /** Catalogue prefix of the codes. */
  prefix: string
  command: (code: string) => Command
  onClose: () => void
  testid: string
}

/** A deed whose reason is a code of a fixed list. */
export function CodeDialog({ title, codes, prefix, command, onClose, testid }: CodeProps) {
  const { send, busy, refusal } = useSend()
  const go = async (code: string) => {
    if (await send(command(code))) onClose()
  }
  useHotkeys(
    Object.fromEntries(codes.map((code, i) => [String(i + 1), () => void go(code)])),
    true,
    true,
  )
  return (
    <Dialog
      title={title}
      onClose={onClose}
      testid={testid}
      footer={refusal ? <Refused refusal={refusal} /> : undefined}
    >
      <div className="gh-choices">
        {codes.map((code, i) => (
          <Button
            key={code}
            keycap={String(i + 1)}
            busy={busy}
            onClick={() => void go(code)}
            data-testid={`${testid}-${code}`}
          >
            {t(`${prefix}.${code}`)}
          </Button>
        ))}
      </div>
    </Dialog>
  )
}
