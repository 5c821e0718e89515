package server

import "syscall"

// endWithParent makes the kernel end a process when the one that started it is gone, however that ended
// (PR_SET_PDEATHSIG of prctl(2)).
func endWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
