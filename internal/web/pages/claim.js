'use strict';

const byId = (id) => document.getElementById(id);

// The code leaves the address bar and the history at once.
let code = decodeURIComponent(location.hash.slice(1));
history.replaceState(null, '', location.pathname);
byId('ask').hidden = code !== '';

// trouble says what went wrong, for people.
function trouble(problem) {
  const text = [problem.detail || 'Something went wrong.', problem.mend || ''].filter(Boolean).join(' – ');
  byId('trouble').textContent = text;
  byId('claim').disabled = false;
  byId('ask').hidden = false;
}

function show(token) {
  byId('offer').hidden = true;
  byId('trouble').textContent = '';
  byId('token').textContent = token.secret;
  byId('next').textContent =
    "(umask 077; cat > skein-token)    # paste the token, then Ctrl-D\n" +
    'skein login ' + location.origin + ' --token-file skein-token';
  byId('done').hidden = false;
  byId('done-title').focus();
}

byId('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  byId('claim').disabled = true;
  try {
    const answer = await fetch('/api/v1/claim', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ code: code || byId('code').value.trim() }),
    });
    const body = await answer.json();
    if (answer.ok) show(body); else { code = ''; trouble(body); }
  } catch {
    trouble({ detail: 'The server did not answer.', mend: 'Is it still running?' });
  }
});

byId('copy').addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(byId('token').textContent);
    byId('copied').textContent = 'Copied.';
  } catch {
    getSelection().selectAllChildren(byId('token'));
    byId('copied').textContent = 'Selected: copy it with Ctrl-C.';
  }
});
