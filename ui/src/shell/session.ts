import { notifications } from '@mantine/notifications';
import type { QueryClient } from '@tanstack/react-query';
import { http, take } from '../api/http';
import { me } from '../api/queries';

export type Given = { user: string; password: string; code?: string };

/** begin begins a session: its secret is a cookie that no script can read. */
export async function begin(client: QueryClient, given: Given) {
  await take(http.POST('/api/v1/sessions', { body: { ...given, code: given.code || undefined, cookie: true } }));
  forget(client);
  await client.refetchQueries({ queryKey: me.queryKey });
}

/** end ends it, here also when the server cannot be told. */
export async function end(client: QueryClient) {
  try {
    await http.DELETE('/api/v1/sessions/current');
  } finally {
    client.setQueryData(me.queryKey, null);
    forget(client);
  }
}

// What one user has read is not shown to the next.
function forget(client: QueryClient) {
  notifications.clean();
  client.removeQueries({ predicate: (q) => q.queryKey[0] !== 'me' });
}
