'use strict'
{
  const $ = (selector, within = document) => [...within.querySelectorAll(selector)]
  const one = (selector, within = document) => within.querySelector(selector)
  document.documentElement.classList.add('live')

  const cases = $('.case').map(el => ({
    el, id: el.dataset.id, v: el.dataset.v, l: el.dataset.l,
    f: el.closest('.family').dataset.f, text: null,
  }))
  const families = $('.family').map(el => ({ el, before: el.open }))
  const chips = $('.chip'), search = one('#q'), family = one('#family')
  const shown = one('#shown'), empty = one('.empty'), clear = one('#clear')

  // The text of a case is gathered when it is first searched.
  const textOf = c => c.text ??= $('summary, .said', c.el).map(e => e.textContent).join(' ').toLowerCase()
  const pressed = key => new Set(chips.filter(b => b.dataset.key === key && b.getAttribute('aria-pressed') === 'true').map(b => b.dataset.value))

  function apply(write = true) {
    const v = pressed('v'), l = pressed('l'), f = family.value
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
    const filtered = v.size + l.size + words.length > 0 || f !== ''
    let n = 0
    for (const c of cases) {
      const hit = (!v.size || v.has(c.v)) && (!l.size || l.has(c.l)) && (f === '' || c.f === f) &&
        words.every(w => textOf(c).includes(w))
      c.el.hidden = !hit
      n += hit
    }
    for (const { el, before } of families) {
      el.hidden = !$('.case', el).some(c => !c.hidden)
      el.open = filtered ? !el.hidden : before
    }
    shown.textContent = filtered ? `${n} of ${cases.length} cases` : `${cases.length} cases`
    empty.hidden = n > 0
    clear.hidden = !filtered
    if (!write) return
    const hash = new URLSearchParams()
    if (v.size) hash.set('v', [...v].join(','))
    if (l.size) hash.set('l', [...l].join(','))
    if (f) hash.set('f', f)
    if (search.value) hash.set('q', search.value)
    history.replaceState(null, '', filtered ? '#' + hash : location.pathname + location.search)
  }

  function set(state) {
    for (const b of chips) b.setAttribute('aria-pressed', String((state[b.dataset.key] ?? []).includes(b.dataset.value)))
    family.value = [...family.options].some(o => o.value === state.f) ? state.f : ''
    search.value = state.q ?? ''
  }

  // goTo opens a case and everything around it.
  function goTo(id) {
    const c = cases.find(c => c.id === id)
    if (!c) return
    if (c.el.hidden) { set({}); apply() }
    c.el.closest('.family').open = true
    c.el.open = true
    one('summary', c.el).focus({ preventScroll: true })
    c.el.scrollIntoView({ block: 'start' })
  }

  function fromHash() {
    const hash = location.hash.slice(1)
    if (hash.startsWith('case-')) {
      let id = hash.slice(5)
      try { id = decodeURIComponent(id) } catch { /* as it is */ }
      return goTo(id)
    }
    const p = new URLSearchParams(hash), list = key => (p.get(key) ?? '').split(',').filter(Boolean)
    if (['v', 'l', 'f', 'q'].some(key => p.has(key))) {
      set({ v: list('v'), l: list('l'), f: p.get('f') ?? '', q: p.get('q') ?? '' })
      apply(false)
    }
  }

  for (const b of chips) b.addEventListener('click', () => {
    b.setAttribute('aria-pressed', String(b.getAttribute('aria-pressed') !== 'true'))
    apply()
  })
  let wait
  search.addEventListener('input', () => { clearTimeout(wait); wait = setTimeout(apply, 80) })
  family.addEventListener('change', () => apply())
  clear.addEventListener('click', () => { set({}); apply(); search.focus() })
  addEventListener('hashchange', fromHash)

  document.addEventListener('click', event => {
    const cell = event.target.closest('.cell')
    if (cell) {
      event.preventDefault()
      set({ f: cell.dataset.f, l: [cell.dataset.l] })
      apply()
      one('#cases').scrollIntoView()
      search.focus({ preventScroll: true })
    }
    const link = event.target.closest('a[href^="#case-"]')
    if (link && location.hash === link.getAttribute('href')) fromHash()
    const copy = event.target.closest('.copy')
    if (copy) copyText(copy)
  })

  // Pages opened from disk may have no clipboard; a selection always works.
  async function copyText(button) {
    const code = one('code', button.parentElement)
    let done = false
    try { await navigator.clipboard.writeText(code.textContent); done = true } catch {
      getSelection().selectAllChildren(code)
      done = document.execCommand('copy')
    }
    button.textContent = done ? 'Copied' : 'Selected'
    setTimeout(() => { button.textContent = 'Copy' }, 1600)
  }

  document.addEventListener('keydown', event => {
    if (event.key === '/' && !event.ctrlKey && !event.metaKey && !event.target.closest('input, select, textarea')) {
      event.preventDefault()
      search.focus()
    }
    if (event.key === 'Escape' && event.target === search) { search.value = ''; apply() }
  })

  one('#failing')?.addEventListener('click', event => {
    const some = $('.case.bad').filter(c => !c.hidden), open = some.some(c => !c.open)
    for (const c of some) { c.open = open; c.closest('.family').open = true }
    event.target.textContent = open ? 'Close failures' : 'Open failures'
  })

  let opened = []
  addEventListener('beforeprint', () => {
    opened = $('.family:not([open]), .bad:not([open])')
    for (const el of opened) el.open = true
  })
  addEventListener('afterprint', () => { for (const el of opened) el.open = false })

  apply(false)
  fromHash()
}
