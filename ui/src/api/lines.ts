/** eachLine tells the lines of an answer as they come, and returns at its end. */
export async function eachLine(data: unknown, tell: (lines: string[]) => void) {
  const reader = (data as ReadableStream<Uint8Array>)
    .pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>)
    .getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const parts = (rest + value).split('\n');
    rest = parts.pop() ?? '';
    if (parts.length) tell(parts);
  }
  if (rest) tell([rest]);
}
