// Renders /api/openapi.json. Text only ever becomes text nodes.
'use strict';

const byId = (id) => document.getElementById(id);

// el makes an element; children are nodes or text.
function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// prose renders the little Markdown that descriptions use: paragraphs, lists, `code`, **strong**, *emphasis*.
function prose(text) {
  const box = el('div');
  let list = null;
  for (const line of (text || '').split('\n').filter((l) => l.trim() !== '')) {
    const item = line.match(/^\* (.*)/);
    if (!item) { list = null; box.append(el('p', {}, ...inline(line))); continue; }
    if (!list) box.append(list = el('ul'));
    list.append(el('li', {}, ...inline(item[1])));
  }
  return box;
}

function inline(text) {
  return text.split(/(`[^`]*`|\*\*[^*]+\*\*|\*[^*]+\*)/).map((part) => {
    if (part.startsWith('`')) return el('code', {}, part.slice(1, -1));
    if (part.startsWith('**')) return el('strong', {}, part.slice(2, -2));
    if (part.length > 2 && part.startsWith('*')) return el('em', {}, part.slice(1, -1));
    return part;
  });
}

function resolver(doc) {
  return (schema) => {
    let s = schema || {};
    while (s.$ref) s = doc.components.schemas[s.$ref.split('/').pop()] || {};
    return s;
  };
}

const typeOf = (s) => [].concat(s.type || 'any').filter((t) => t !== 'null').join(' or ');

function typeText(schema, resolve) {
  const s = resolve(schema);
  if (typeOf(s) === 'array') return 'list of ' + typeText(s.items, resolve);
  const name = schema && schema.$ref ? schema.$ref.split('/').pop() : typeOf(s);
  return s.format && !['int32', 'int64'].includes(s.format) ? name + ' (' + s.format + ')' : name;
}

// example makes a value that fits a schema.
function example(schema, resolve, depth = 0) {
  const own = schema || {};
  if (own.examples && own.examples.length) return own.examples[0];
  const s = resolve(schema);
  if (s.examples && s.examples.length) return s.examples[0];
  if (s.enum) return s.enum[0];
  switch (typeOf(s)) {
    case 'object': {
      const value = {};
      if (depth < 5) for (const [key, p] of Object.entries(s.properties || {})) value[key] = example(p, resolve, depth + 1);
      return value;
    }
    case 'array': return depth < 5 ? [example(s.items, resolve, depth + 1)] : [];
    case 'integer': case 'number': return s.default ?? s.minimum ?? 1;
    case 'boolean': return s.default ?? false;
    default: return s.format === 'date-time' ? '2027-01-01T12:00:00Z' : (s.default ?? 'text');
  }
}

function constraints(s) {
  const facts = [];
  if (s.enum) facts.push('one of ' + s.enum.join(', '));
  if (s.default !== undefined) facts.push('default ' + s.default);
  if (s.minimum !== undefined && s.minimum !== 0) facts.push('at least ' + s.minimum);
  if (s.maximum !== undefined) facts.push('at most ' + s.maximum);
  return facts.length ? ' (' + facts.join('; ') + ')' : '';
}

function table(caption, head, rows) {
  return el('div', { class: 'wide' }, el('table', { 'aria-label': caption },
    el('thead', {}, el('tr', {}, ...head.map((h) => el('th', { scope: 'col' }, h)))),
    el('tbody', {}, ...rows)));
}

function fieldRows(schema, resolve, path = '', seen = []) {
  const s = resolve(schema);
  if (typeOf(s) === 'array') return fieldRows(s.items, resolve, path + '[]', seen);
  if (typeOf(s) !== 'object' || seen.includes(s)) return [];
  return Object.entries(s.properties || {}).flatMap(([key, p]) => {
    const field = resolve(p);
    const name = path ? path + '.' + key : key;
    const need = (s.required || []).includes(key);
    const row = el('tr', {},
      el('td', {}, el('code', {}, name), need ? el('span', { class: 'need' }, ' required') : null),
      el('td', {}, typeText(p, resolve)),
      el('td', {}, ...inline((p.description || field.description || '') + constraints(field))));
    return [row, ...fieldRows(p, resolve, name, [...seen, s])];
  });
}

function body(title, content, resolve) {
  const parts = [];
  for (const [type, media] of Object.entries(content || {})) {
    const schema = resolve(media.schema);
    parts.push(el('h3', {}, title + ' ', el('code', {}, type)));
    const rows = fieldRows(media.schema, resolve);
    if (rows.length) parts.push(table(title, ['Field', 'Type', 'Meaning'], rows));
    if (type.includes('json') && (rows.length || media.example)) {
      const value = media.example || example(media.schema, resolve);
      parts.push(el('pre', { tabindex: '0', 'aria-label': 'Example' }, JSON.stringify(value, null, 2)));
    } else if (schema.description) parts.push(prose(schema.description));
  }
  return parts;
}

function curl(method, path, operation) {
  const words = ['curl', '--cacert', 'skein-ca.pem'];
  if ((operation.security || []).length) words.push('-H', '"Authorization: Bearer $TOKEN"');
  if (method !== 'get') words.push('-X', method.toUpperCase());
  const type = Object.keys((operation.requestBody || {}).content || {})[0];
  if (type) words.push('-H', "'Content-Type: " + type + "'", '--data-binary', '@FILE');
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => {
    const p = (operation.parameters || []).find((q) => q.name === name) || {};
    return encodeURIComponent(p.example ?? ((p.schema || {}).examples || [])[0] ?? name);
  });
  words.push("'" + location.origin + filled + "'");
  return words.join(' ');
}

function card(method, path, operation, resolve) {
  const inner = el('div', {}, prose(operation.description));
  const parameters = operation.parameters || [];
  if (parameters.length) {
    inner.append(el('h3', {}, 'Parameters'), table('Parameters', ['Name', 'In', 'Type', 'Meaning'], parameters.map((p) => el('tr', {},
      el('td', {}, el('code', {}, p.name), p.required ? el('span', { class: 'need' }, ' required') : null),
      el('td', {}, p.in),
      el('td', {}, typeText(p.schema, resolve)),
      el('td', {}, ...inline((p.description || resolve(p.schema).description || '') + constraints(resolve(p.schema))))))));
  }
  inner.append(...body('Body', (operation.requestBody || {}).content, resolve));
  inner.append(el('h3', {}, 'Try it'), el('pre', { tabindex: '0', 'aria-label': 'Command' }, curl(method, path, operation)));
  const answers = Object.entries(operation.responses || {});
  for (const [status, answer] of answers.filter(([s]) => s < 300)) {
    inner.append(...body('Answer ' + status, answer.content, resolve));
    if (!answer.content) inner.append(el('h3', {}, 'Answer ' + status), el('p', {}, answer.description));
  }
  const errors = el('dl', { class: 'answers' });
  for (const [status, answer] of answers.filter(([s]) => s >= 300)) {
    const sample = ((answer.content || {})['application/problem+json'] || {}).example;
    errors.append(el('dt', {}, status + ' ' + answer.description), el('dd', { class: 'soft' }, sample ? 'such as: ' + sample.detail : ''));
  }
  inner.append(el('h3', {}, 'Refusals'), errors);
  return el('details', { class: 'operation', id: operation.operationId },
    el('summary', {},
      el('span', { class: 'method ' + method }, method.toUpperCase()), el('span', { class: 'path' }, path),
      el('span', { class: 'summary' }, operation.summary || '')),
    inner);
}

function openHash() {
  const target = byId(decodeURIComponent(location.hash.slice(1)));
  if (!target || target.tagName !== 'DETAILS') return;
  target.open = true;
  target.scrollIntoView();
  target.querySelector('summary').focus({ preventScroll: true });
}

function render(doc) {
  const resolve = resolver(doc);
  byId('version').textContent = doc.info.version || '';
  byId('about').replaceChildren(prose(doc.info.description));
  const operations = Object.entries(doc.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })));
  const entries = [];
  byId('operations').replaceChildren();
  for (const tag of doc.tags) {
    const members = operations.filter((o) => (o.operation.tags || []).includes(tag.name));
    const section = el('section', { 'aria-labelledby': 'tag-' + tag.name },
      el('h2', { id: 'tag-' + tag.name }, tag.name), el('p', { class: 'soft' }, tag.description));
    const list = el('ul');
    const group = el('div', {}, el('h2', {}, tag.name), list);
    for (const { method, path, operation } of members) {
      const node = card(method, path, operation, resolve);
      const link = el('li', {}, el('a', { href: '#' + operation.operationId }, operation.summary));
      section.append(node);
      list.append(link);
      entries.push({ node, link, section, group, text: [method, path, operation.summary, operation.operationId, operation.description].join(' ').toLowerCase() });
    }
    byId('operations').append(section);
    byId('index').append(group);
  }
  byId('find').addEventListener('input', (event) => {
    const wanted = event.target.value.trim().toLowerCase().split(/\s+/);
    const hit = new Set(entries.filter((e) => wanted.every((w) => e.text.includes(w))));
    for (const e of entries) e.node.hidden = e.link.hidden = !hit.has(e);
    for (const e of entries) e.section.hidden = e.group.hidden = !entries.some((o) => o.section === e.section && hit.has(o));
    byId('found').textContent = event.target.value.trim() ? hit.size + ' of ' + entries.length + ' operations' : '';
  });
  addEventListener('hashchange', openHash);
  openHash();
}

fetch('/api/openapi.json')
  .then((answer) => { if (!answer.ok) throw new Error('status ' + answer.status); return answer.json(); })
  .then(render)
  .catch((problem) => byId('operations').replaceChildren(el('p', { role: 'alert' }, 'The description could not be read: ' + problem.message)));
