// go-sql-driver: database/sql over a pool; text, prepared and interpolated statements. Prints `feature<TAB>outcome`.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"
)

func dsn(options string, password string) string {
	return fmt.Sprintf("%s:%s@tcp(%s:%s)/%s?%s", os.Getenv("DB_USER"), password, os.Getenv("DB_HOST"), os.Getenv("DB_PORT"),
		os.Getenv("DB_NAME"), options)
}

func open(options string) *sql.DB {
	db, err := sql.Open("mysql", dsn(options, os.Getenv("DB_PASSWORD")))
	if err != nil {
		panic(err)
	}
	return db
}

func feature(name string, action func() (interface{}, error)) {
	found, err := action()
	outcome := ""
	if err != nil {
		outcome = "error " + err.Error()
	} else {
		text, _ := json.Marshal(found)
		outcome = string(text)
	}
	line := name + "\t" + strings.ReplaceAll(outcome, "\n", " ")
	if len(line) > 2000 {
		line = line[:2000]
	}
	fmt.Println(line)
}

type querier interface {
	Query(query string, args ...interface{}) (*sql.Rows, error)
}

func rows(db querier, query string, args ...interface{}) (interface{}, error) {
	found, err := db.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var all [][]string
	for {
		columns, _ := found.Columns()
		for found.Next() {
			values := make([]sql.NullString, len(columns))
			pointers := make([]interface{}, len(columns))
			for i := range values {
				pointers[i] = &values[i]
			}
			if err := found.Scan(pointers...); err != nil {
				return nil, err
			}
			row := make([]string, len(columns))
			for i, v := range values {
				row[i] = fmt.Sprintf("%v %s", v.Valid, v.String)
			}
			all = append(all, row)
		}
		if err := found.Err(); err != nil {
			return nil, err
		}
		if !found.NextResultSet() {
			return all, found.Err()
		}
	}
}

func transaction(db *sql.DB) (interface{}, error) {
	tx, err := db.BeginTx(context.Background(), &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return nil, err
	}
	result, err := tx.Exec("DELETE FROM t WHERE id > ?", 2)
	if err != nil {
		return nil, err
	}
	count, _ := result.RowsAffected()
	if err := tx.Rollback(); err != nil {
		return nil, err
	}
	left, err := rows(db, "SELECT COUNT(*) FROM t")
	return []interface{}{count, left}, err
}

func parallel(db *sql.DB) (interface{}, error) {
	var wait sync.WaitGroup
	found := make([]int, 50)
	errors := make([]error, 50)
	for i := range found {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			errors[i] = db.QueryRow("SELECT ? * 2", i).Scan(&found[i])
		}(i)
	}
	wait.Wait()
	for _, err := range errors {
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// A cancelled context makes the driver close its connection in the middle of a statement; the pool then goes on with another.
func cancelled(db *sql.DB) (interface{}, error) {
	limit, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	_, err := db.QueryContext(limit, "SELECT SLEEP(30)")
	after, again := rows(db, "SELECT 'alive'")
	return []interface{}{err == context.DeadlineExceeded, after}, again
}

func main() {
	mysql.SetLogger(silence{})
	db := open("multiStatements=true&parseTime=true")
	db.SetMaxOpenConns(8)
	feature("identity", func() (interface{}, error) { return rows(db, "SELECT VERSION()") })
	feature("create", func() (interface{}, error) {
		_, err := db.Exec("CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, s VARCHAR(40), d DATETIME(6), b BLOB)")
		return nil, err
	})
	feature("insert", func() (interface{}, error) {
		at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
		for i := 0; i < 5; i++ {
			if _, err := db.Exec("INSERT INTO t (s, d, b) VALUES (?, ?, ?)", fmt.Sprint("grün ", i), at, []byte{0, 255, 39}); err != nil {
				return nil, err
			}
		}
		return rows(db, "SELECT * FROM t ORDER BY id")
	})
	feature("prepared", func() (interface{}, error) {
		s, err := db.Prepare("SELECT s, d FROM t WHERE id = ?")
		if err != nil {
			return nil, err
		}
		defer s.Close()
		var text string
		var at time.Time
		err = s.QueryRow(3).Scan(&text, &at)
		return []interface{}{text, at}, err
	})
	feature("transaction", func() (interface{}, error) { return transaction(db) })
	feature("multi-statements", func() (interface{}, error) { return rows(db, "SELECT 1; SELECT 2, 3") })
	feature("parallel", func() (interface{}, error) { return parallel(db) })
	feature("cancelled", func() (interface{}, error) { return cancelled(db) })
	feature("interpolated", func() (interface{}, error) {
		return rows(open("interpolateParams=true"), "SELECT ?, ?", "it's", 5)
	})
	feature("rows found", func() (interface{}, error) {
		result, err := open("clientFoundRows=true").Exec("UPDATE t SET s = s")
		if err != nil {
			return nil, err
		}
		return result.RowsAffected()
	})
	feature("variables", func() (interface{}, error) {
		return rows(open("charset=latin1&sql_mode=%27ANSI_QUOTES%27&collation=latin1_bin"), "SELECT @@sql_mode, @@collation_connection")
	})
	feature("TLS", func() (interface{}, error) { return rows(open("tls=skip-verify"), "SELECT 1") })
	feature("large", func() (interface{}, error) {
		return rows(open("maxAllowedPacket=0"), "SELECT LENGTH(?), LENGTH(REPEAT('g', 20000000))", strings.Repeat("h", 17<<20))
	})
	feature("refused: syntax", func() (interface{}, error) { return rows(db, "SELEC") })
	feature("refused: duplicate key", func() (interface{}, error) { return rows(db, "INSERT INTO t (id) VALUES (?)", 1) })
	feature("refused: wrong password", func() (interface{}, error) {
		other, _ := sql.Open("mysql", dsn("", "wrong"))
		return nil, other.Ping()
	})
}

type silence struct{}

func (silence) Print(...interface{}) {}
