export { NoAnswer, Refusal } from '@gh/contract'
export type { Link, LinkState } from './channel.ts'
export { serverNow, syncClock, useAsOf, useNow } from './clock.ts'
export { ContentProvider, useContent, useContentQuery, useLimits } from './content.tsx'
export { uuid7 } from './ids.ts'
export {
  LiveProvider,
  useAllDoubted,
  useCold,
  useDoubted,
  useFix,
  useFixes,
  useLink,
  useLoaded,
  useMonitor,
  useNumerics,
  useRow,
  useTable,
  useUnrecorded,
} from './provider.tsx'
export {
  DOUBLE_CLICK_MS,
  decide,
  keepUnsent,
  readEcg,
  type Sender,
  send,
  useSend,
  useWaiting,
  type Waiting,
} from './send.ts'
export {
  type Entered,
  enteredNow,
  forget,
  type Keeping,
  letGo,
  type Unsent,
  useEntered,
  useKeeping,
  useShut,
  useUnsent,
} from './unsent.ts'
