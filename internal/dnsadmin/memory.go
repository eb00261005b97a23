package dnsadmin

import (
	"container/list"
	"time"
)

// memory is a map that keeps the newest of its entries, for a time.
type memory[K comparable, V any] struct {
	of    map[K]*list.Element
	order list.List // of kept[K, V], the oldest first
}

type kept[K comparable, V any] struct {
	key   K
	value V
	until time.Time
}

func (m *memory[K, V]) get(key K, now time.Time) (v V, is bool) {
	e := m.of[key]
	if e == nil {
		return v, false
	}
	k := e.Value.(kept[K, V])
	return k.value, now.Before(k.until)
}

// put keeps an entry, and forgets those that are too old or too many.
func (m *memory[K, V]) put(k kept[K, V], most int, now time.Time) {
	if m.of == nil {
		m.of = map[K]*list.Element{}
	}
	if old := m.of[k.key]; old != nil {
		m.order.Remove(old)
	}
	m.of[k.key] = m.order.PushBack(k)
	for e := m.order.Front(); e != nil; e = m.order.Front() {
		oldest := e.Value.(kept[K, V])
		if len(m.of) <= most && now.Before(oldest.until) {
			return
		}
		m.order.Remove(e)
		delete(m.of, oldest.key)
	}
}

func (m *memory[K, V]) drop(key K) {
	if e := m.of[key]; e != nil {
		m.order.Remove(e)
		delete(m.of, key)
	}
}
