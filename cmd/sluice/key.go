package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"sluice/state"
)

const (
	accessKeyEnv = "SLUICE_ACCESS_KEY"
	secretKeyEnv = "SLUICE_SECRET_KEY" //nolint:gosec // a name

	// keyValue is where the generated key is kept in the state.
	keyValue = "generated-key"
)

// keyPair is the one key of a gateway without a config file.
type keyPair struct {
	AccessKey string `json:"access_key"`
	SecretKey string `json:"secret_key"`
}

// keyFromEnv returns the key that the environment gives, and whether it gives one. Half a key is an error.
func keyFromEnv(env func(string) (string, bool)) (keyPair, bool, error) {
	access, _ := env(accessKeyEnv)
	secret, _ := env(secretKeyEnv)
	if (access == "") != (secret == "") {
		return keyPair{}, false, fmt.Errorf("only one of %s and %s is set: set both, or neither to have a key made", accessKeyEnv, secretKeyEnv)
	}
	return keyPair{access, secret}, access != "", nil
}

// keyFromState returns the generated key, made now where there was none.
func keyFromState(ctx context.Context, s state.Store) (key keyPair, made bool, err error) {
	stored, ok, err := s.Value(ctx, keyValue)
	if err != nil {
		return key, false, err
	}
	if !ok {
		fresh, err := json.Marshal(newKey()) //nolint:gosec // it is kept, in the state
		if err != nil {
			return key, false, err
		}
		if stored, err = s.AddValue(ctx, keyValue, fresh); err != nil {
			return key, false, err
		}
		made = string(stored) == string(fresh) // else another process was first
	}
	if json.Unmarshal(stored, &key) != nil || key.AccessKey == "" || key.SecretKey == "" {
		return key, false, errors.New("the key in the state is damaged")
	}
	return key, made, nil
}

// newKey makes a key that looks like one of AWS: 20 and 40 characters, which no shell treats specially.
func newKey() keyPair {
	secret := make([]byte, 30)
	rand.Read(secret)
	return keyPair{AccessKey: "SL" + rand.Text()[:18], SecretKey: base64.RawURLEncoding.EncodeToString(secret)}
}

// lines are what to paste into a shell for the AWS CLI.
func (k keyPair) lines(endpoint string) string {
	return fmt.Sprintf(`  export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_DEFAULT_REGION=us-east-1
  aws --endpoint-url %s s3 mb s3://photos
`, k.AccessKey, k.SecretKey, endpoint)
}

func stateDir(data string) string { return filepath.Join(data, ".sluice", "state") }

func keyCommand(h host) *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:   "key",
		Short: "Show the key that serve made",
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir := stateDir(data)
			if _, err := os.Stat(dir); err != nil {
				return fmt.Errorf("no gateway has kept its data in %s: %w", data, err)
			}
			s, err := state.Open(cmd.Context(), state.Config{Dir: dir})
			if err != nil {
				return err
			}
			defer s.Close()
			_, ok, err := s.Value(cmd.Context(), keyValue)
			if err != nil {
				return err
			}
			if !ok {
				return fmt.Errorf("no key was made in %s", data)
			}
			key, _, err := keyFromState(cmd.Context(), s)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(h.stdout, key.lines("http://"+defaultListen))
			return err
		},
	}
	c.Flags().StringVar(&data, "data", defaultData, "the folder that serve was given")
	return c
}

// isLoopback tells whether only this machine reaches an address.
func isLoopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}
