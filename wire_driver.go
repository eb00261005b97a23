package skein

// DriverList is the drivers that members can have, the one by default first.
type DriverList struct {
	Drivers []DriverInfo `json:"drivers" nullable:"false"`
}

// DriverInfo is what a kind of members is, and what has to be said of one.
type DriverInfo struct {
	Name        string          `json:"name" example:"bind"`
	Does        string          `json:"does" doc:"in a few words"`
	Roles       []Role          `json:"roles" nullable:"false" doc:"that its members can have, the one by default first"`
	Address     bool            `json:"address" doc:"it answers DNS at an address of its own"`
	RNDC        bool            `json:"rndc" doc:"an rndc key and port, perhaps a view"`
	Transfer    bool            `json:"transfer" doc:"it fetches zones from primaries, with keys"`
	Port        uint16          `json:"port,omitempty" doc:"of its API, where the endpoint names none"`
	URL         string          `json:"url,omitempty" doc:"where the API is of a service that all share; an endpoint says otherwise"`
	Token       bool            `json:"token" doc:"an API token or key"`
	Username    bool            `json:"username" doc:"a user to sign in as"`
	DefaultUser string          `json:"default_user,omitempty" doc:"where none is given; if not set, one must be"`
	Certificate bool            `json:"certificate" doc:"a client certificate with its private key"`
	Prints      bool            `json:"prints" doc:"there is a configuration to paste on its members"`
	Settings    []DriverSetting `json:"settings" nullable:"false"`
}

// DriverSetting is something that only one driver wants to know.
type DriverSetting struct {
	Name    string `json:"name"`
	Meaning string `json:"meaning" doc:"of the value, in capitals"`
	Help    string `json:"help"`
	Default string `json:"default,omitempty"`
}
