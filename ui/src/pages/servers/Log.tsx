import { Switch, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { http, tag, type Schemas } from '../../api/http';
import { eachLine } from '../../api/lines';
import { Panel } from '../../parts/Page';
import { ProblemAlert } from '../../parts/Problem';
import { useMay } from '../../shell/may';

const kept = 500; // lines on the page

/** Log follows what is said to a server, live. */
export function Log({ m }: { m: Schemas['Member'] }) {
  const client = useQueryClient();
  const { may } = useMay();
  const [lines, setLines] = useState<string[]>([]);
  const [error, setError] = useState<unknown>();
  const turn = useMutation({
    mutationFn: (debug: boolean) =>
      http.PATCH('/api/v1/members/{name}', { params: { path: { name: m.name }, header: { 'If-Match': tag(m.version) } }, body: { debug } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['members'] }),
  });
  useEffect(() => {
    const stop = new AbortController();
    setLines([]);
    setError(undefined);
    follow(m.name, stop.signal, (more) => setLines((l) => [...l, ...more].slice(-kept))).catch((e) => stop.signal.aborted || setError(e));
    return () => stop.abort();
  }, [m.name, m.debug]); // one that is off has an end
  return (
    <Panel
      title="Debug log"
      actions={
        may('clustering') && (
          <Switch label="Write everything down" checked={!!m.debug} onChange={(e) => turn.mutate(e.currentTarget.checked)} />
        )
      }
    >
      <ProblemAlert error={error ?? turn.error} />
      {lines.length === 0 ? (
        <Text c="dimmed" size="sm">
          {m.debug
            ? 'Nothing has been said yet.'
            : 'Nothing is written down. Switch it on to see each request with its answer, without secrets.'}
        </Text>
      ) : (
        <div className="diff" role="log" aria-label={`Debug log of ${m.name}`} tabIndex={0}>
          {lines.map((line, i) => (
            <div key={i}>{line}</div>
          ))}
        </div>
      )}
    </Panel>
  );
}

async function follow(name: string, signal: AbortSignal, tell: (lines: string[]) => void) {
  const answer = await http.GET('/api/v1/members/{name}/log', {
    params: { path: { name }, query: { follow: true } },
    parseAs: 'stream',
    signal,
  });
  await eachLine(answer.data, tell);
}
