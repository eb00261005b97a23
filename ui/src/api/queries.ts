import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { Problem, http, take } from './http';
import type { paths } from './schema';

// What pages read, by name. The first part of a key says which events make an
// answer old: see events.ts.

export const me = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }) => {
    try {
      return await take(http.GET('/api/v1/me', { signal }));
    } catch (error) {
      if (error instanceof Problem && error.unknown) return null; // nobody is signed in
      throw error;
    }
  },
  staleTime: Infinity,
});

export const status = queryOptions({
  queryKey: ['members', 'status'],
  queryFn: ({ signal }) => take(http.GET('/api/v1/status', { signal })),
});

export const members = queryOptions({
  queryKey: ['members', 'list'],
  queryFn: async ({ signal }) => (await take(http.GET('/api/v1/members', { signal }))).members,
});

export const member = (name: string) =>
  queryOptions({
    queryKey: ['members', 'one', name],
    queryFn: ({ signal }) => take(http.GET('/api/v1/members/{name}', { params: { path: { name } }, signal })),
  });

export const drivers = queryOptions({
  queryKey: ['drivers'],
  queryFn: async ({ signal }) => (await take(http.GET('/api/v1/drivers', { signal }))).drivers,
  staleTime: Infinity,
});

export const cluster = queryOptions({ queryKey: ['cluster'], queryFn: ({ signal }) => take(http.GET('/api/v1/cluster', { signal })) });

/** ZoneFilter is what selects zones of the list; of what is missing all are shown. */
export type ZoneFilter = NonNullable<paths['/api/v1/zones']['get']['parameters']['query']>;

export const zonesPart = 500;

/** zones reads a part of the zones that a filter selects; usePages puts the parts together. */
export const zones = (filter: ZoneFilter) => ({
  key: ['zones', 'list', filter],
  read: async (skip: number, signal: AbortSignal) => {
    const query = { ...filter, skip: skip || undefined, limit: zonesPart };
    const list = await take(http.GET('/api/v1/zones', { params: { query }, signal }));
    return { rows: list.zones, next: list.next };
  },
});

export const deletedZones = (contains: string) =>
  infiniteQueryOptions({
    queryKey: ['zones', 'deleted', contains],
    queryFn: ({ pageParam, signal }) =>
      take(
        http.GET('/api/v1/zones:deleted', {
          params: { query: { contains: contains || undefined, cursor: pageParam || undefined, limit: 200 } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next,
  });

export const zone = (name: string) =>
  queryOptions({
    queryKey: ['zone', name, 'head'],
    queryFn: ({ signal }) => take(http.GET('/api/v1/zones/{name}', { params: { path: { name } }, signal })),
  });

export const records = (name: string, contains: string) =>
  infiniteQueryOptions({
    queryKey: ['contents', name, 'records', contains],
    queryFn: ({ pageParam, signal }) =>
      take(
        http.GET('/api/v1/zones/{name}/records', {
          params: { path: { name }, query: { contains: contains || undefined, cursor: pageParam || undefined, limit: 500 } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next,
  });

export const file = (name: string) =>
  queryOptions({
    queryKey: ['contents', name, 'file'],
    queryFn: async ({ signal }) => {
      const answer = await http.GET('/api/v1/zones/{name}/file', { params: { path: { name } }, parseAs: 'text', signal });
      return { text: answer.data as unknown as string, etag: answer.response.headers.get('ETag') ?? '' };
    },
    staleTime: Infinity, // what is being edited does not change under the cursor
  });

export const overlays = (name: string) =>
  queryOptions({
    queryKey: ['contents', name, 'overlays'],
    queryFn: async ({ signal }) => (await take(http.GET('/api/v1/zones/{name}/overlays', { params: { path: { name } }, signal }))).overlays,
  });

export const history = (name: string) =>
  queryOptions({
    queryKey: ['contents', name, 'history'],
    queryFn: async ({ signal }) => (await take(http.GET('/api/v1/zones/{name}/history', { params: { path: { name } }, signal }))).changes,
  });

export const audit = (filter: { zone?: string; actor?: string; source?: string; refused?: 'true' | 'false' }) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      take(http.GET('/api/v1/audit', { params: { query: { ...filter, cursor: pageParam || undefined, limit: 100 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next,
  });

export const waiting = queryOptions({
  queryKey: ['waiting', 'list'],
  queryFn: ({ signal }) => take(http.GET('/api/v1/waiting', { params: { query: { limit: 500 } }, signal })),
  refetchInterval: 10_000, // what is kept changes nothing, and no event tells of it
});

export const sources = queryOptions({
  queryKey: ['sources', 'list'],
  queryFn: async ({ signal }) => (await take(http.GET('/api/v1/sources', { signal }))).sources,
});

export const pools = queryOptions({
  queryKey: ['pools'],
  queryFn: async ({ signal }) => (await take(http.GET('/api/v1/pools', { signal }))).pools,
});

export const templates = queryOptions({
  queryKey: ['templates'],
  queryFn: async ({ signal }) => (await take(http.GET('/api/v1/templates', { signal }))).templates,
});

export const users = queryOptions({
  queryKey: ['users'],
  queryFn: async ({ signal }) => (await take(http.GET('/api/v1/users', { signal }))).users,
});

export const tenants = queryOptions({
  queryKey: ['tenants'],
  queryFn: async ({ signal }) => (await take(http.GET('/api/v1/tenants', { signal }))).tenants,
});

export const tokens = queryOptions({
  queryKey: ['tokens'],
  queryFn: async ({ signal }) => (await take(http.GET('/api/v1/tokens', { signal }))).tokens,
});

export const syncs = queryOptions({
  queryKey: ['sync'],
  queryFn: async ({ signal }) => (await take(http.GET('/api/v1/sync', { signal }))).jobs,
});

export const sourceRules = queryOptions({
  queryKey: ['sources', 'rules'],
  queryFn: async ({ signal }) => (await take(http.GET('/api/v1/source-rules', { signal }))).rules,
});

export const transferZones = (source: string) =>
  infiniteQueryOptions({
    queryKey: ['sources', 'transfers', source],
    queryFn: ({ pageParam, signal }) =>
      take(http.GET('/api/v1/transfer-zones', { params: { query: { source, cursor: pageParam || undefined, limit: 200 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next,
  });
