import { Problem, http, tag, take, type Schemas } from '../../api/http';
import { shown } from '../../parts/names';

export type Zone = Schemas['Zone'];
export type Deed = 'synchronise' | 'assign' | 'move' | 'take over' | 'delete';

/** Outcome is what became of one zone, or before that what would. */
export type Outcome = { zone: string; state: 'would' | 'same' | 'done' | 'held' | 'refused'; text: string };

/** Asked is what is to be done: to is the new owner or source, and set the one that the new owner's zones are served by. */
export type Asked = { deed: Deed; to: string; set?: string };

const words: Record<Deed, (to: string) => string> = {
  synchronise: () => 'synchronised',
  assign: (to) => `handed to ${to}`,
  move: (to) => `handed to ${to}`,
  'take over': (to) => `given to ${to}`,
  delete: () => 'deleted',
};

const served = { state: 'same', text: 'is served there already' } as const;

/** moved says by which set a zone is served after a change of its owner. */
const moved = (z: Zone, after: Zone) => (after.pool === z.pool ? '' : `, and served by the set ${after.pool} instead of ${z.pool}`);

/** look says what would become of a zone. */
export async function look({ deed, to, set }: Asked, z: Zone, signal: AbortSignal): Promise<Outcome> {
  return outcome(z, async () => {
    if (deed === 'move' && z.pool === set) return served;
    switch (deed) {
      case 'delete': {
        const now = await take(http.GET('/api/v1/zones/{name}', { params: { path: { name: z.name } }, signal }));
        const members = now.receipt.members?.length ?? 0;
        return {
          state: 'would',
          text: `${now.records} records, from ${now.origin}, on ${members === 1 ? '1 server' : `${members} servers`}`,
        };
      }
      case 'synchronise': {
        const job = await take(http.POST('/api/v1/sync', { body: { zone: z.name, to_all: true, dry_run: true }, signal }));
        const steps = (job.steps ?? []).filter((s) => s.action !== 'same');
        if (steps.length === 0) return { state: 'same', text: 'is the same everywhere' };
        return { state: 'would', text: steps.map((s) => `${s.action} on ${s.member}${s.reason ? `: ${s.reason}` : ''}`).join('; ') };
      }
      default: {
        const r = await change({ deed, to }, z, true, signal);
        return r.changed
          ? { state: 'would', text: `is to be ${words[deed](to)}${moved(z, r.zone)}` }
          : { state: 'same', text: 'is so already' };
      }
    }
  });
}

/** carry does it. What waits for a person is held, and that is no failure. */
export async function carry({ deed, to, set }: Asked, z: Zone, signal: AbortSignal): Promise<Outcome> {
  return outcome(z, async () => {
    if (deed === 'move' && z.pool === set) return served;
    if (deed === 'synchronise') return synchronised(z, signal);
    const r = await change({ deed, to }, z, false, signal);
    return { state: r.changed ? 'done' : 'same', text: r.changed ? words[deed](to) + moved(z, r.zone) : 'was so already' };
  });
}

function change({ deed, to }: Asked, z: Zone, dry_run: boolean, signal: AbortSignal): Promise<Schemas['ZoneResult']> {
  const params = { path: { name: z.name }, header: { 'If-Match': tag(z.revision) } };
  switch (deed) {
    case 'assign':
    case 'move':
      return take(http.POST('/api/v1/zones/{name}/assign', { params, body: { tenant: to, dry_run }, signal }));
    case 'take over':
      return take(http.POST('/api/v1/zones/{name}/takeover', { params, body: { to, dry_run }, signal }));
    default:
      return take(http.DELETE('/api/v1/zones/{name}', { params, signal }));
  }
}

const pause = 300; // milliseconds between two looks at a job

async function synchronised(z: Zone, signal: AbortSignal): Promise<Omit<Outcome, 'zone'>> {
  let job = await take(http.POST('/api/v1/sync', { body: { zone: z.name, to_all: true }, signal }));
  while (job.state === 'running') {
    await new Promise((go) => setTimeout(go, pause));
    job = await take(http.GET('/api/v1/sync/{id}', { params: { path: { id: job.id! } }, signal }));
  }
  if (job.conflicts > 0) return { state: 'held', text: 'a newer copy waits for a person' };
  return job.state === 'done' ? { state: 'done', text: words.synchronise('') } : { state: 'refused', text: job.last ?? job.state };
}

async function outcome(z: Zone, of: () => Promise<Omit<Outcome, 'zone'>>): Promise<Outcome> {
  const zone = shown(z.name);
  try {
    return { zone, ...(await of()) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.document.waiting) return { zone, state: 'held', text: `waits for a person as number ${error.document.waiting}` };
    return { zone, state: 'refused', text: error.changed ? 'was changed since it was listed' : error.message };
  }
}

/** each does something to all, some at a time, until it is stopped; what was begun then still ends. */
export async function each<T>(all: readonly T[], atOnce: number, stopped: () => boolean, one: (item: T) => Promise<void>) {
  let next = 0;
  const work = async () => {
    while (next < all.length && !stopped()) await one(all[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, work));
}
