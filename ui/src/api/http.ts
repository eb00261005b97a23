import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];
export type ErrorDocument = Schemas['ErrorDocument'];

/** Problem is a refusal of the API: what went wrong and how to mend it. */
export class Problem extends Error {
  constructor(readonly document: Partial<ErrorDocument> & { detail: string }) {
    super(document.detail);
  }
  /** somebody else has changed it since it was looked at */
  get changed() {
    return this.document.changed_meanwhile === true;
  }
  /** nobody is signed in */
  get unknown() {
    return this.document.kind === 'unknown';
  }
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    return new Problem(await response.json());
  } catch {
    return new Problem({
      status: response.status,
      detail: `The server answered with ${response.status} and nothing else.`,
      mend: 'Look into its log.',
    });
  }
}

// The requests go to the server that the page came from, with its cookie; a
// browser tells that server where they come from, and it takes no others.
export const http = createClient<paths>({ baseUrl: location.origin, credentials: 'same-origin' });

http.use({
  async onResponse({ response }) {
    if (!response.ok) throw await problemOf(response);
  },
  onError({ error }) {
    if (error instanceof Problem || (error instanceof DOMException && error.name === 'AbortError')) return error;
    return new Problem({
      kind: 'unavailable',
      detail: 'The server did not answer.',
      mend: 'Is it running, and can this machine reach it? The page goes on by itself once it answers.',
    });
  },
});

/** take returns what a call answered; a refusal is thrown as a Problem. */
export async function take<T>(call: Promise<{ data?: T; response: Response }>): Promise<T> {
  return (await call).data as T;
}

/** tag is the ETag of a revision or a version, for If-Match. */
export const tag = (version: number) => `"${version}"`;
