import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { closeSync, copyFileSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createSocket } from 'node:dgram';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const program = new URL('../../bin/skein', import.meta.url).pathname;

/** freePort returns a port that is free for TCP and UDP at this moment. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await new Promise<number>((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as { port: number };
        server.close(() => resolve(port));
      });
    });
    const free = await new Promise<boolean>((resolve) => {
      const socket = createSocket('udp4');
      socket.once('error', () => resolve(false));
      socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

function at(port: number) {
  const resolver = new Resolver({ timeout: 5000, tries: 2 });
  resolver.setServers([`127.0.0.1:${port}`]);
  return resolver;
}

// There is no such name, it has nothing of the type, or the server has no zone that the name is in.
const noes = ['ENOTFOUND', 'ENODATA', 'EREFUSED'];

/** without is what an answer without records comes to. Silence is no answer. */
const without = ({ code }: { code: string }) => (noes.includes(code) ? [] : [`no answer: ${code}`]);

/** Skein is a node that a test runs, with what BINDs it starts beside it. */
export class Skein {
  readonly dir = mkdtempSync(join(tmpdir(), 'skein-console-'));
  private children: ChildProcess[] = [];
  private node?: ChildProcess;
  private line: string[] = [];
  url = '';
  claim = '';
  dns = 0;

  async start(...more: string[]) {
    const api = await freePort();
    this.dns = await freePort();
    this.url = `https://127.0.0.1:${api}`;
    const at = ['--dns', `127.0.0.1:${this.dns}`, '--api', `127.0.0.1:${api}`];
    this.line = ['serve', '--data', this.data, ...at, '--root-server', `127.0.0.1:${this.dns}`, '--resolver', 'none', ...more]; // nobody outside is asked
    this.node = this.run(program, this.line);
    await this.until(() => (this.claim = /https:\/\/\S+\/claim#\S+/.exec(this.log)?.[0] ?? ''));
    this.claim = this.url + new URL(this.claim).pathname + new URL(this.claim).hash;
    return this;
  }

  /** down ends the node, as an update of it does. */
  async down() {
    this.node!.kill();
    await this.until(() => this.node!.exitCode !== null);
  }

  /** up starts it again where it was. */
  async up() {
    this.node = this.run(program, this.line);
    await this.until(() => this.status('zone', 'list') === 0);
  }

  private get data() {
    return join(this.dir, 'data');
  }

  /** cli runs a command on the node's own machine, as its administrator. */
  cli(...args: string[]): string {
    return execFileSync(program, ['--data', this.data, ...args], { encoding: 'utf8' });
  }

  /** refused runs a command that is to be refused, and returns what it says. */
  refused(...args: string[]): string {
    const { status, stderr } = spawnSync(program, ['--data', this.data, ...args], { encoding: 'utf8' });
    if (status !== 3) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
    return stderr;
  }

  /** status runs a command, and returns its exit status. */
  status(...args: string[]): number | null {
    return spawnSync(program, ['--data', this.data, ...args]).status;
  }

  /** token makes a source with a token, and returns the file that holds it. */
  token(door: string, source: string): string {
    const file = join(this.dir, `${source.replaceAll(/[^\w-]/g, '-')}.token`);
    this.cli('source', 'add', door, source);
    this.cli('token', 'create', source, '--source', source, '--output', file);
    return file;
  }

  /** file writes a file, and returns its name. */
  file(name: string, text: string): string {
    const path = join(this.dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** bind adds a BIND as a member, and returns once it is in step. More is added to its configuration. */
  async bind(name: string, more = '') {
    const [dns, rndc] = [await freePort(), await freePort()];
    const at = ['--address', '127.0.0.1', '--port', String(dns), '--rndc-port', String(rndc)];
    const config = this.cli('member', 'config', 'bind', '--name', name, ...at, '--directory', this.folder(name)) + more;
    const named = this.named(name, config);
    await this.until(() => spawnSync(program, ['--data', this.data, 'member', 'test', name]).status === 0);
    return { named, dns, config };
  }

  /** primary runs a nameserver of zone files that others transfer from, and returns its port. */
  async primary(zones: string): Promise<number> {
    const port = await freePort();
    const at = `127.0.0.1:${port}`;
    this.run(program, ['nameserver', '--zones', zones, '--listen', at, '--allow-transfer', '127.0.0.1']);
    return port;
  }

  /** asks returns the addresses that a server answers with: none if it has no such name, and otherwise why there are none. */
  async asks(port: number, name: string): Promise<string[]> {
    return at(port).resolve4(name).catch(without);
  }

  /** nameservers returns those of a zone, in order. */
  async nameservers(port: number, zone: string): Promise<string[]> {
    return (await at(port).resolveNs(zone).catch(without)).sort();
  }

  /** named runs a BIND with the configuration that the console printed. */
  named(name: string, config: string): ChildProcess {
    const dir = this.folder(name);
    // A copy: a distribution's AppArmor profile keeps /usr/sbin/named out of our folder.
    copyFileSync('/usr/sbin/named', join(dir, 'named'));
    writeFileSync(join(dir, 'named.conf'), config, { mode: 0o600 });
    return this.run(join(dir, 'named'), ['-g', '-c', join(dir, 'named.conf')]);
  }

  folder(name: string): string {
    const dir = join(this.dir, name);
    mkdirSync(dir, { recursive: true });
    return dir;
  }

  stop() {
    for (const child of this.children.reverse()) child.kill('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  // What it says goes to a file: a pipe that nobody reads, since a command is
  // waited for, would stop it once it is full.
  private run(command: string, args: string[]): ChildProcess {
    const log = openSync(this.logFile, 'a');
    const child = spawn(command, args, { cwd: this.dir, stdio: ['ignore', log, log] });
    closeSync(log);
    this.children.push(child);
    return child;
  }

  private get logFile() {
    return join(this.dir, 'log');
  }

  /** log is what the node and its servers have said. */
  get log() {
    return readFileSync(this.logFile, 'utf8');
  }

  private async until(ready: () => unknown) {
    for (let i = 0; i < 600; i++) {
      if (ready()) return;
      await new Promise((go) => setTimeout(go, 100));
    }
    throw new Error(`it did not start:\n${this.log}`);
  }
}
