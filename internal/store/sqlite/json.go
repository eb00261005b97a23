package sqlite

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// asJSON is a column that holds v, a pointer, as JSON text; ” leaves v as it is.
type asJSON struct{ v any }

// Value implements driver.Valuer.
func (j asJSON) Value() (driver.Value, error) {
	data, err := json.Marshal(j.v)
	if err != nil {
		return nil, fmt.Errorf("encoding %T: %w", j.v, err)
	}
	return string(data), nil
}

// Scan implements sql.Scanner.
func (j asJSON) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("%T where JSON text is kept", src)
	}
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), j.v)
}
