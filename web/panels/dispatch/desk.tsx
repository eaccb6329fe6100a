/** What one dispatcher's screen has open: the case, the call, the unit; and the shared queries. */
import {
  type CallRow,
  type Candidate,
  type City,
  clear,
  get,
  type IncidentRow,
  type LocationSource,
  type MissionRow,
  type Point,
  type Proposal,
  query,
  type Recommendation,
  type Redirect,
  type Together,
} from '@gh/contract'
import { type Sender, useLimits, useRow, useSend, useTable, uuid7 } from '@gh/live'
import { useSession } from '@gh/session'
import { useQuery } from '@tanstack/react-query'
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { useRoadsMark } from '../care/roads.ts'
import { type Worse, worsened } from './choice.ts'
import { isOpenHere } from './copy-note.tsx'

export interface Pinning {
  /** What a click is for; the place of a case where it says nothing. */
  hint?: string
  /** What to do with the point that a click on the map gives. */
  place: (point: Point) => void
}

/** A unit that was chosen and is not what it was: the next press sends it all the same. */
interface Warning extends Worse {
  incidentId: string
  unitId: string
  call_sign: string
}

interface Desk {
  seat: string
  warning: Warning | null
  setWarning: (warning: Warning | null) => void
  call: CallRow | undefined
  incident: IncidentRow | undefined
  missionId: string
  unitId: string
  pinning: Pinning | null
  intake: Sender
  openCase: (incidentId: string) => void
  openCall: (call: Pick<CallRow, 'id' | 'incident_id'>) => void
  openMission: (mission: MissionRow) => void
  showCandidates: () => void
  pickUnit: (unitId: string) => void
  setPinning: (pinning: Pinning | null) => void
  /** The incident of the open call, made now if there is none; null where it was refused. */
  ensureIncident: () => Promise<string | null>
  setLocation: (
    label: string,
    point: Point,
    source: LocationSource,
    accuracy_m: number,
  ) => Promise<void>
  /** The call was ended here: it is taken up no more, and off the desk unless it has a case. */
  leaveCall: (callId: string) => void
}

const DeskContext = createContext<Desk | null>(null)

export function useDesk(): Desk {
  const desk = useContext(DeskContext)
  if (desk === null) throw new Error('a dispatch panel outside its desk')
  return desk
}

export function DeskProvider({ children }: { children: ReactNode }) {
  const session = useSession()
  const seat = session?.seat ?? ''
  const calls = useTable('calls')
  const intake = useSend()
  const [callId, setCallId] = useState('')
  const [incidentId, setIncidentId] = useState('')
  const [missionId, setMissionId] = useState('')
  const [unitId, setUnitId] = useState('')
  const [pinning, setPinning] = useState<Pinning | null>(null)
  const [warning, setWarning] = useState<Warning | null>(null)
  const call = useRow('calls', callId)
  const incident = useRow('incidents', incidentId)
  // The incident that each call opens. Kept after the answer, which the call's row only follows.
  const opening = useRef(new Map<string, Promise<string | null>>())
  // Calls whose end was answered; their rows may still say otherwise.
  const [left, setLeft] = useState<ReadonlySet<string>>(NO_CALLS)
  const shown = useRef({ callId, incidentId })
  useLayoutEffect(() => {
    shown.current = { callId, incidentId }
  })

  // An answered call of this seat that nobody looks at comes up by itself; work on a case stays.
  const own = calls.filter((c) => c.state === 'answered' && c.owner === seat && !left.has(c.id))
  const mine = own.find((c) => c.incident_id === '') ?? own[0]
  useEffect(() => {
    if (mine && callId === '' && incidentId === '') setCallId(mine.id)
  }, [mine, callId, incidentId])

  // The incident that the open call was linked to, here or at another seat.
  const linked = call?.incident_id ?? ''
  useEffect(() => {
    if (linked !== '' && incidentId === '') setIncidentId(linked)
  }, [linked, incidentId])

  const leave = useCallback(() => {
    setCallId('')
    setIncidentId('')
    setMissionId('')
    setPinning(null)
  }, [])

  // A call without a case leaves the desk when it ends, wherever it was ended.
  const over = call?.state === 'ended' && linked === '' && incidentId === ''
  useEffect(() => {
    if (over) leave()
  }, [over, leave])

  const openCase = useCallback((id: string) => {
    setIncidentId(id)
    setCallId('')
    setMissionId('')
    setPinning(null)
  }, [])

  const { send } = intake
  const ensureIncident = useCallback(async (): Promise<string | null> => {
    if (incidentId !== '') return incidentId
    if (call === undefined) return null
    if (call.incident_id !== '') return call.incident_id
    const open = async () => {
      const id = uuid7()
      const done = await send({ kind: 'incident.open', incident_id: id, call_id: call.id })
      if (done === null) opening.current.delete(call.id)
      return done === null ? null : id
    }
    const asked = opening.current.get(call.id) ?? open()
    opening.current.set(call.id, asked)
    const id = await asked
    // Another call may have come onto the desk meanwhile.
    if (id !== null && shown.current.callId === call.id) setIncidentId((now) => now || id)
    return id
  }, [call, incidentId, send])

  const desk: Desk = {
    seat,
    warning: warning?.incidentId === incidentId ? warning : null,
    setWarning,
    call: call ?? calls.find((c) => incident?.calls.includes(c.id) && c.state === 'answered'),
    incident,
    missionId,
    unitId,
    pinning,
    intake,
    openCase,
    openCall: (next) => {
      setCallId(next.id)
      setIncidentId(next.incident_id)
      setMissionId('')
      setPinning(null)
    },
    openMission: (mission) => {
      if (mission.incident_id !== incidentId) openCase(mission.incident_id)
      setMissionId(mission.id)
      setUnitId(mission.unit_id)
    },
    showCandidates: () => setMissionId(''),
    pickUnit: setUnitId,
    setPinning,
    ensureIncident,
    setLocation: async (label, point, source, accuracy_m) => {
      const id = await ensureIncident()
      if (id === null) return
      await send({
        kind: 'incident.set_location',
        incident_id: id,
        location: clear(JSON.stringify({ label, lat: point.lat, lon: point.lon })),
        source,
        accuracy_m,
      })
    },
    leaveCall: (id) => {
      setLeft((before) => new Set(before).add(id))
      if (shown.current.callId === id && shown.current.incidentId === '') leave()
    },
  }
  return <DeskContext value={desk}>{children}</DeskContext>
}

const NO_CALLS: ReadonlySet<string> = new Set()
const NEVER = Number.POSITIVE_INFINITY

export const useCity = () =>
  useQuery({ queryKey: ['city'], queryFn: () => get<City | null>('/api/city'), staleTime: NEVER })

const RECOMMEND_MS = 5_000

/** The ranking for the open case. Asked again by time and whenever a unit, the level or a road changes. */
export function useRecommendation() {
  const { incident } = useDesk()
  const units = useTable('units')
  const states = useMemo(() => units.map((u) => u.state).join(), [units])
  const roads = useRoadsMark()
  const wanted = incident !== undefined && isOpenHere(incident) && incident.location !== null
  return useQuery({
    queryKey: ['recommend', incident?.id, incident?.level, incident?.located_ms, states, roads],
    queryFn: () =>
      get<Recommendation>(query('/api/recommend', { incident_id: incident?.id ?? '' })),
    enabled: wanted,
    refetchInterval: RECOMMEND_MS,
    placeholderData: (before, last) => (last?.queryKey[1] === incident?.id ? before : undefined),
  })
}

/** What each waiting case should get, where several wait and a unit cannot be had twice. */
export function useTogether(): Together[] {
  const incidents = useTable('incidents')
  const units = useTable('units')
  const roads = useRoadsMark()
  const states = useMemo(() => units.map((u) => u.state).join(), [units])
  const waiting = useMemo(
    () =>
      incidents
        .filter((i) => isOpenHere(i) && i.dispatchable && i.dispatched_ms === null)
        .map((i) => `${i.id}${i.level}${i.located_ms}`),
    [incidents],
  )
  const found = useQuery({
    queryKey: ['together', waiting.join(), states, roads],
    queryFn: () => get<Together[]>('/api/recommend/together'),
    enabled: waiting.length > 1,
    refetchInterval: RECOMMEND_MS,
    placeholderData: (before) => before,
  })
  return waiting.length > 1 ? (found.data ?? NOTHING) : NOTHING
}

const NOTHING: Together[] = []

/** Units on their way to milder cases that would reach the open one much sooner. */
export function useRedirects(): Redirect[] {
  const { incident } = useDesk()
  const missions = useTable('missions')
  const roads = useRoadsMark()
  const runs = useMemo(() => missions.map((m) => `${m.id}${m.state}`).join(), [missions])
  const wanted =
    incident !== undefined &&
    isOpenHere(incident) &&
    incident.dispatchable &&
    incident.dispatched_ms === null
  const found = useQuery({
    queryKey: ['redirects', incident?.id, incident?.level, incident?.located_ms, runs, roads],
    queryFn: () =>
      get<Redirect[]>(query('/api/recommend/redirects', { incident_id: incident?.id ?? '' })),
    enabled: wanted,
    refetchInterval: RECOMMEND_MS,
  })
  return wanted ? (found.data ?? NONE_TO_TURN) : NONE_TO_TURN
}

const NONE_TO_TURN: Redirect[] = []

/** What was proposed, as it is kept: advice that counts other cases stands before the ranking. */
export const proposalOf = (seen: Recommendation, advised?: Candidate): Proposal => ({
  ranked: advised
    ? [advised, ...seen.ranked.filter((one) => one.unit_id !== advised.unit_id)]
    : seen.ranked,
  skipped: seen.skipped,
  metric_version: seen.metric_version,
  computed_ms: seen.computed_ms,
})

/** A slower answer holds nobody up: then the proposal counts that was on the screen. */
const FRESH_MS = 1_500

const within = <T,>(ms: number, asked: Promise<T>, otherwise: T): Promise<T> =>
  Promise.race([asked, new Promise<T>((done) => setTimeout(() => done(otherwise), ms))])

/**
 * The ranking as it is at the click, for a unit that was chosen by the one on the screen; null: the
 * choice fell behind meanwhile, the desk's warning says so, and the person is to look again.
 */
export function useChecked() {
  const { incident, warning, setWarning } = useDesk()
  const recommendation = useRecommendation()
  const most_s = useLimits()?.screen.choice_worse_s
  const checking = useRef(false)

  async function look(unitId: string, seen: Recommendation): Promise<Recommendation | null> {
    const asked = recommendation.refetch().then((answer) => answer.data ?? seen)
    const fresh = await within(FRESH_MS, asked, seen)
    const worse = most_s === undefined ? null : worsened(seen, fresh, unitId, most_s)
    if (worse === null || warning?.unitId === unitId) return fresh
    const call_sign = seen.ranked.find((c) => c.unit_id === unitId)?.call_sign ?? unitId
    setWarning({ ...worse, incidentId: incident?.id ?? '', unitId, call_sign })
    return null
  }

  /** Undefined: no ranking is known. A second press while the first one is looked at counts for nothing. */
  const check = async (unitId: string): Promise<Recommendation | null | undefined> => {
    if (checking.current) return null
    checking.current = true
    const seen = recommendation.data
    const shown = seen && (await look(unitId, seen))
    checking.current = false
    if (shown !== null) setWarning(null)
    return shown
  }
  return { check, recommendation }
}

/** One-click dispatch, with the proposal as it is at the click. */
export function useDispatch() {
  const { incident } = useDesk()
  const sender = useSend()
  const { check, recommendation } = useChecked()

  const assign = async (unitId: string, advised?: Candidate): Promise<boolean> => {
    if (incident === undefined) return false
    const shown = await check(unitId)
    if (shown === null) return false
    const done = sender.send({
      kind: 'mission.assign',
      mission_id: uuid7(),
      incident_id: incident.id,
      unit_id: unitId,
      proposal: shown ? proposalOf(shown, advised) : null,
    })
    return (await done) !== null
  }
  return { ...sender, assign, recommendation }
}
