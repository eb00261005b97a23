import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

/** Event is a line of the stream; the document knows only that it is text. */
export type Event = { kind: string; zone?: string; member?: string; state?: string; text?: string };

export type Connection = 'connecting' | 'live' | 'lost';

/**
 * outdated says which answers an event makes old, as the first parts of their
 * keys. What is not on the page costs nothing: it is read when it is next shown.
 */
export function outdated(event: Event): string[][] {
  switch (event.kind) {
    case 'zone':
      if (event.member) return [['members'], ['zone', event.zone ?? '']];
      return [['zones'], ['members'], ['audit'], ['waiting'], ['zone', event.zone ?? ''], ['contents', event.zone ?? '']];
    case 'member':
      return [['members'], ['cluster'], ['audit']];
    default:
      return event.state === 'lost' ? [[]] : [['waiting'], ['members'], ['sources']];
  }
}

const gather = 250; // milliseconds: many events at once are one look

/** useEvents keeps what is shown up to date, and tells how the connection is. */
export function useEvents(signedIn: boolean): Connection {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>('connecting');
  useEffect(() => {
    if (!signedIn) return;
    const stream = new Stream(client, setConnection);
    return () => stream.close();
  }, [client, signedIn]);
  return connection;
}

class Stream {
  private source?: EventSource;
  private keys = new Map<string, string[]>();
  private timer?: ReturnType<typeof setTimeout>;
  private retry?: ReturnType<typeof setTimeout>;
  private broken = false;

  constructor(
    private client: QueryClient,
    private tell: (c: Connection) => void,
  ) {
    this.open();
  }

  close() {
    this.source?.close();
    clearTimeout(this.timer);
    clearTimeout(this.retry);
  }

  private open() {
    const source = new EventSource('/api/v1/events');
    this.source = source;
    source.onopen = () => {
      if (this.broken) void this.client.invalidateQueries(); // whatever happened meanwhile
      this.broken = false;
      this.tell('live');
    };
    source.onerror = () => {
      this.broken = true;
      this.tell('lost');
      // A browser gives up when the answer was no stream, as of a server that starts.
      if (source.readyState === EventSource.CLOSED) this.retry = setTimeout(() => this.open(), 2000);
    };
    for (const kind of ['zone', 'member', 'notice']) {
      source.addEventListener(kind, (message) => this.heard(JSON.parse((message as MessageEvent<string>).data)));
    }
  }

  private heard(event: Event) {
    for (const key of outdated(event)) this.keys.set(key.join('\n'), key);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      for (const key of this.keys.values()) void this.client.invalidateQueries({ queryKey: key });
      this.keys.clear();
    }, gather);
  }
}
