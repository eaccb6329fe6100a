/** Answers that no digit can give: a number, words, one topic of many. */
import type { Answer, Content, QuestionContent } from '@gh/contract'
import { t } from '@gh/i18n'
import { Button, isTyping, KeyCap } from '@gh/ui'
import { useEffect, useRef, useState } from 'react'
import { filterTopics, parseAge, parseMinutes } from './model.ts'
import { answerText, say } from './words.ts'

export function Typed({
  question,
  located,
  busy,
  onAnswer,
}: {
  question: QuestionContent
  located: boolean
  busy: boolean
  onAnswer: (answer: Answer) => void
}) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (located && !isTyping()) input.current?.focus()
  }, [located])
  const [text, setText] = useState('')
  const value: Answer =
    question.kind === 'age'
      ? parseAge(text)
      : question.kind === 'duration'
        ? parseMinutes(text)
        : question.kind === 'int'
          ? /^\d{1,4}$/.test(text.trim())
            ? Number(text)
            : null
          : text.trim() || null
  return (
    <form
      className="typed"
      onSubmit={(event) => {
        event.preventDefault()
        if (value !== null) onAnswer(value)
      }}
    >
      <input
        className="gh-input big"
        ref={input}
        value={text}
        placeholder={t(`protocol.hint_${question.kind}`)}
        onChange={(event) => setText(event.target.value)}
        data-testid="answer-input"
      />
      {value === null ? (
        <span className="gh-m">{text === '' ? '' : t('protocol.not_understood')}</span>
      ) : (
        <Button submit look="primary" keycap="↵" busy={busy} data-testid="answer-go">
          {question.kind === 'text' ? t('ui.confirm') : answerText(question, value)}
        </Button>
      )}
      <Button onClick={() => onAnswer(null)} data-testid="answer-unknown">
        {t('protocol.unknown')}
      </Button>
    </form>
  )
}

interface TopicsProps {
  content: Content
  /** The place is known; before that the keyboard belongs to the address. */
  located: boolean
  onAnswer: (answer: Answer) => void
}

export function Topics({ content, located, onAnswer }: TopicsProps) {
  const [text, setText] = useState('')
  const filter = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (located && !isTyping()) filter.current?.focus()
  }, [located])
  const found = filterTopics(content.topics.topics, text)
  return (
    <div className="topics">
      <input
        className="gh-input"
        ref={filter}
        placeholder={t('protocol.filter')}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.nativeEvent.isComposing) return
          event.preventDefault()
          const [first] = found
          if (first && text.trim() !== '') onAnswer(first.id)
        }}
        data-testid="topic-filter"
      />
      <div className="grid">
        {found.map((topic, i) => (
          <button
            type="button"
            key={topic.id}
            onClick={() => onAnswer(topic.id)}
            data-testid={`topic-${topic.id}`}
            title={topic.card ? '' : t('protocol.no_card')}
          >
            <span className="gh-ell">{say(topic)}</span>
            {i === 0 && text.trim() !== '' ? <KeyCap>↵</KeyCap> : null}
          </button>
        ))}
        {found.length === 0 ? <span className="gh-m">{t('protocol.no_topic')}</span> : null}
      </div>
    </div>
  )
}
