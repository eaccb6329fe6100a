/** Cabin video in step with the play head: one camera at a time, its gaps in words. */
import { query, type RunVideo, type StoredSegment } from '@gh/contract'
import { t } from '@gh/i18n'
import { Button, Empty, ErrorNote, Panel, Skeleton } from '@gh/ui'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { ageText, clockTime } from '../care/format.ts'
import { useGet } from '../care/query.ts'
import { camerasOf, picturesOf, type Stretch, sceneAt } from './cabin.ts'
import { type Sound, soundsOf } from './cabin-sound.ts'
import { CabinPlayer, canDecode } from './player.ts'
import { SoundPlayer } from './sound-player.ts'

/** A smaller difference of two clocks is not worth a word. */
const CLOCK_SEEN_MS = 1_000
const KEPT_MS = 60_000
const NO_SOUNDS: readonly Sound[] = []

interface Props {
  /** Empty: no unit was sent yet. */
  missionId: string
  at_ms: number
  playing: boolean
  /** Times life; sound is heard at 1 alone. */
  speed: number
}

export function CabinVideo({ missionId, at_ms, playing, speed }: Props) {
  const video = useGet<RunVideo>(
    missionId === '' ? null : query('/api/video', { mission_id: missionId }),
    { stale_ms: KEPT_MS },
  )
  const [chosen, setChosen] = useState('')
  const cameras = useMemo(() => camerasOf(video.data?.segments ?? []), [video.data])
  const camera = cameras.find((one) => one.key === chosen) ?? cameras[0]
  const erased = video.data?.erased ?? 0
  return (
    <Panel title={t('video.title')} testid="cabin-video">
      {erased > 0 && (
        <p className="rv-cabin-about gh-m" data-testid="cabin-erased">
          {t('video.erased', { n: erased })}
        </p>
      )}
      {video.isError ? (
        <ErrorNote
          what={t('video.failed')}
          works={t('review.map_works')}
          retry={() => void video.refetch()}
        />
      ) : missionId !== '' && video.isPending ? (
        <Skeleton rows={4} />
      ) : camera === undefined ? (
        erased === 0 && <Empty title={t('video.none')} hint={t('video.none_hint')} />
      ) : (
        <>
          {cameras.length > 1 && (
            <div className="gh-row rv-cabin-choice">
              {cameras.map((one) => (
                <Button key={one.key} on={one === camera} onClick={() => setChosen(one.key)}>
                  {t('video.camera', { device: one.device.slice(-4), channel: one.channel })}
                </Button>
              ))}
            </div>
          )}
          <AtMoment
            key={camera.key}
            missionId={missionId}
            stretches={camera.stretches}
            at_ms={at_ms}
            playing={playing}
            speed={speed}
          />
        </>
      )}
    </Panel>
  )
}

function AtMoment(props: Props & { stretches: readonly Stretch[] }) {
  const scene = sceneAt(props.stretches, props.at_ms)
  if (scene.kind === 'gap')
    return (
      <p className="rv-cabin-gap" data-testid="cabin-gap">
        <b>{t('video.gap')}</b>
        {scene.before_ms !== null && (
          <span>{t('video.gap_before', { time: clockTime(scene.before_ms) })}</span>
        )}
        {scene.after_ms !== null && (
          <span>{t('video.gap_after', { time: clockTime(scene.after_ms) })}</span>
        )}
      </p>
    )
  return <Stretched {...props} segment={scene.stretch.segment} next={scene.next?.segment} />
}

function Stretched(props: Props & { segment: StoredSegment; next: StoredSegment | undefined }) {
  const { segment } = props
  const decodable = useDecodable(segment.codec)
  return (
    <>
      {segment.codec === '' || decodable === false ? (
        <p className="rv-cabin-gap" data-testid="cabin-unplayable">
          {t(segment.codec === '' ? 'video.other_codec' : 'video.no_decoder')}
        </p>
      ) : (
        <Screen
          missionId={props.missionId}
          segment={segment}
          next={props.next}
          at_ms={props.at_ms}
          playing={props.playing}
          speed={props.speed}
        />
      )}
      {segment.audio > 0 && (
        <SoundOf
          missionId={props.missionId}
          segment={segment}
          at_ms={props.at_ms}
          playing={props.playing}
          speed={props.speed}
        />
      )}
      <About missionId={props.missionId} segment={segment} />
    </>
  )
}

/** Whether this browser decodes it; null: it has not said yet. */
function useDecodable(codec: string): boolean | null {
  const asked = useQuery({
    queryKey: ['decodable', codec],
    queryFn: () => canDecode(codec),
    enabled: codec !== '',
    staleTime: Number.POSITIVE_INFINITY,
  })
  return asked.data ?? null
}

const pathOf = (missionId: string, sha256: string, what: 'segment' | 'file'): string =>
  query(`/api/video/${sha256}/${what}`, { mission_id: missionId })

/** The bytes of a segment; the one after it is asked for before it is needed. */
function useSegment(missionId: string, segment: StoredSegment | undefined) {
  const sha256 = segment?.origin.sha256 ?? ''
  return useQuery({
    queryKey: ['video', missionId, sha256],
    queryFn: async ({ signal }) => {
      const answer = await fetch(pathOf(missionId, sha256, 'segment'), { signal })
      if (!answer.ok) throw new Error(`${answer.status}`)
      return answer.arrayBuffer()
    },
    enabled: sha256 !== '',
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: KEPT_MS,
  })
}

function Screen({
  missionId,
  segment,
  next,
  at_ms,
  playing,
}: Props & { segment: StoredSegment; next: StoredSegment | undefined }) {
  const bytes = useSegment(missionId, segment)
  useSegment(missionId, next)
  const canvas = useRef<HTMLCanvasElement>(null)
  const player = useRef<CabinPlayer | null>(null)
  const [failed, setFailed] = useState(false)
  const { codec, clock_offset_ms } = segment
  const pictures = useMemo(
    () => (bytes.data === undefined ? null : picturesOf(bytes.data, clock_offset_ms)),
    [bytes.data, clock_offset_ms],
  )
  useEffect(() => {
    if (pictures === null) return
    setFailed(false)
    const made = new CabinPlayer(
      codec,
      pictures,
      (frame) => {
        setFailed(false)
        paint(canvas.current, frame)
      },
      () => setFailed(true),
    )
    player.current = made
    return () => {
      made.close()
      player.current = null
    }
  }, [codec, pictures])
  useEffect(() => {
    if (pictures !== null) player.current?.show(at_ms, playing)
  }, [pictures, at_ms, playing])
  return (
    <div className="rv-cabin-screen">
      <canvas ref={canvas} role="img" aria-label={t('video.title')} data-testid="cabin-screen" />
      {bytes.isPending && <span className="gh-tag">{t('video.loading')}</span>}
      {(failed || bytes.isError) && (
        <span className="gh-tag warn" role="alert">
          {t(failed ? 'video.undecodable' : 'video.failed')}
        </span>
      )}
    </div>
  )
}

/** Silent until somebody asks to hear: a cabin is a private place. */
function SoundOf({
  missionId,
  segment,
  at_ms,
  playing,
  speed,
}: Props & { segment: StoredSegment }) {
  const [on, setOn] = useState(false)
  const bytes = useSegment(missionId, segment)
  const heard = useMemo(
    () => (bytes.data === undefined ? null : soundsOf(bytes.data, segment.clock_offset_ms)),
    [bytes.data, segment.clock_offset_ms],
  )
  const sounds = heard?.sounds ?? NO_SOUNDS
  const player = useRef<SoundPlayer | null>(null)
  useEffect(() => {
    if (!on || sounds.length === 0) return
    const made = new SoundPlayer(sounds)
    player.current = made
    return () => {
      made.close()
      player.current = null
    }
  }, [on, sounds])
  useEffect(() => {
    if (on && playing && speed === 1) player.current?.play(at_ms)
    else player.current?.stop()
  }, [on, playing, speed, at_ms])
  if (heard !== null && sounds.length === 0)
    return <p className="rv-cabin-about gh-m">{t('video.sound_other')}</p>
  return (
    <p className="rv-cabin-about gh-m">
      <Button on={on} onClick={() => setOn(!on)} data-testid="cabin-sound">
        {t(on ? 'video.sound_off' : 'video.sound_on')}
      </Button>{' '}
      {on && speed !== 1 && t('video.sound_at_life')}
    </p>
  )
}

function paint(canvas: HTMLCanvasElement | null, frame: VideoFrame): void {
  if (canvas === null) return
  if (canvas.width !== frame.displayWidth || canvas.height !== frame.displayHeight) {
    canvas.width = frame.displayWidth
    canvas.height = frame.displayHeight
  }
  canvas.getContext('2d')?.drawImage(frame, 0, 0)
}

function About({ missionId, segment }: { missionId: string; segment: StoredSegment }) {
  const { origin, clock_offset_ms } = segment
  const words = [
    t('video.camera', { device: origin.device.slice(-4), channel: origin.channel }),
    ...(origin.holes > 0 ? [t('video.holes', { n: origin.holes })] : []),
    ...(origin.cut ? [t('video.cut')] : []),
    ...(Math.abs(clock_offset_ms) > CLOCK_SEEN_MS
      ? [
          t(clock_offset_ms > 0 ? 'video.clock_fast' : 'video.clock_slow', {
            age: ageText(Math.abs(clock_offset_ms)),
          }),
        ]
      : []),
  ]
  return (
    <p className="rv-cabin-about gh-m">
      {words.join(' · ')}{' '}
      <a href={pathOf(missionId, origin.sha256, 'file')} download data-testid="cabin-file">
        {t('video.file')}
      </a>
    </p>
  )
}
