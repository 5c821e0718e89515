package trees

import (
	"os"
	"path/filepath"

	"sluice/integration/server"
)

// Gateway describes a gateway on the store, with its config and its state in the folder dir. The command is how it starts; it
// may name the config as {data}/sluice.yaml.
func (s *Store) Gateway(command []string, dir, accessKey, secretKey string) (server.Config, error) {
	text := s.Config(filepath.Join(dir, "state"), accessKey, secretKey)
	return server.Config{
		Command: command,
		Env:     []string{"SLUICE_ACCESS_KEY=" + accessKey, "SLUICE_SECRET_KEY=" + secretKey}, // for a command without a config
		Data:    dir,
	}, os.WriteFile(filepath.Join(dir, "sluice.yaml"), []byte(text), 0o600)
}
