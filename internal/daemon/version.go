package daemon

// Version of this build; set by the linker.
var Version = "devel"
