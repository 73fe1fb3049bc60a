// MariaDB Connector/J 2.7: pipelined connect queries, batches, server-side prepared statements, cursors. Prints `feature<TAB>outcome`.
import java.sql.*;
import java.util.*;

public class Features {
  interface Action {
    Object run() throws Exception;
  }

  static Connection open(String options) throws SQLException {
    return open(options, System.getenv("DB_PASSWORD"));
  }

  static Connection open(String options, String password) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:mariadb://" + System.getenv("DB_HOST") + ":" + System.getenv("DB_PORT") + "/" + System.getenv("DB_NAME")
            + "?allowPublicKeyRetrieval=true&" + options,
        System.getenv("DB_USER"), password);
  }

  static void feature(String name, Action action) {
    String outcome;
    try {
      outcome = String.valueOf(action.run());
    } catch (SQLException e) {
      outcome = "error " + e.getErrorCode() + " " + e.getSQLState() + " " + e.getMessage().replaceAll("\\(conn=\\d+\\)|\\(port=\\d+\\)", "");
    } catch (Exception e) {
      outcome = "failed " + e;
    }
    String line = name + "\t" + outcome.replace('\n', ' ');
    System.out.println(line.substring(0, Math.min(2000, line.length())));
  }

  static List<List<String>> rows(ResultSet set) throws SQLException {
    List<List<String>> all = new ArrayList<>();
    int columns = set.getMetaData().getColumnCount();
    while (set.next()) {
      List<String> row = new ArrayList<>();
      for (int i = 1; i <= columns; i++) row.add(set.getString(i));
      all.add(row);
    }
    return all;
  }

  static List<List<String>> query(Connection c, String sql) throws SQLException {
    try (Statement s = c.createStatement(); ResultSet set = s.executeQuery(sql)) {
      return rows(set);
    }
  }

  static Object batch(Connection c) throws SQLException {
    try (PreparedStatement s = c.prepareStatement("INSERT INTO t (s, n) VALUES (?, ?)")) {
      for (int i = 0; i < 3000; i++) {
        s.setString(1, "row " + i);
        s.setInt(2, i);
        s.addBatch();
      }
      int total = 0;
      for (int one : s.executeBatch()) total += one == Statement.SUCCESS_NO_INFO ? 1 : one;
      return total + " " + query(c, "SELECT COUNT(*), SUM(n) FROM t");
    }
  }

  static Object keys(Connection c) throws SQLException {
    try (PreparedStatement s = c.prepareStatement("INSERT INTO t (s) VALUES (?), (?)", Statement.RETURN_GENERATED_KEYS)) {
      s.setString(1, "a");
      s.setString(2, "b");
      return s.executeUpdate() + " " + rows(s.getGeneratedKeys());
    }
  }

  static Object call(Connection c) throws SQLException {
    try (CallableStatement s = c.prepareCall("{call p(?, ?)}")) {
      s.setInt(1, 6);
      s.registerOutParameter(2, Types.INTEGER);
      boolean more = s.execute();
      List<Object> found = new ArrayList<>();
      while (more) {
        found.add(rows(s.getResultSet()));
        more = s.getMoreResults();
      }
      return found + " " + s.getInt(2);
    }
  }

  static Object fetched(Connection c) throws SQLException {
    try (Statement s = c.createStatement()) {
      s.setFetchSize(10);
      try (ResultSet set = s.executeQuery("SELECT id, s FROM t ORDER BY id")) {
        int n = 0;
        while (set.next()) n++;
        return n;
      }
    }
  }

  static Object transaction(Connection c) throws SQLException {
    c.setAutoCommit(false);
    Savepoint point = c.setSavepoint("here");
    query(c, "SELECT 1");
    c.createStatement().executeUpdate("DELETE FROM t");
    c.rollback(point);
    c.commit();
    c.setAutoCommit(true);
    c.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    return query(c, "SELECT COUNT(*) FROM t") + " " + c.getTransactionIsolation();
  }

  static Object timeout(Connection c) throws SQLException {
    try (Statement s = c.createStatement()) {
      s.setQueryTimeout(1);
      s.executeQuery("SELECT SLEEP(20) FROM (SELECT 1 UNION SELECT 2) AS two");
      return "ended with a row " + query(c, "SELECT 'alive'");
    } catch (SQLTimeoutException e) {
      return "timed out, then " + query(c, "SELECT 'alive'");
    }
  }

  public static void main(String[] args) throws Exception {
    try (Connection c = open("allowMultiQueries=true")) {
      DatabaseMetaData meta = c.getMetaData();
      feature("identity", () -> meta.getDatabaseProductVersion() + query(c, "SELECT VERSION()"));
      feature("create", () -> c.createStatement().executeUpdate("CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, s VARCHAR(40), n INT)"));
      feature("batch", () -> batch(c));
      feature("generated keys", () -> keys(c));
      feature("procedure", () -> c.createStatement().execute(
          "CREATE PROCEDURE p(IN n INT, OUT o INT) BEGIN SELECT n; SELECT n + 1; SET o = n * 5; END"));
      feature("call", () -> call(c));
      feature("multi-statements", () -> {
        Statement s = c.createStatement();
        s.execute("SELECT 1; SELECT 2; UPDATE t SET n = 1 WHERE id = 1");
        List<Object> found = new ArrayList<>();
        do {
          if (s.getResultSet() != null) found.add(rows(s.getResultSet()));
        } while (s.getMoreResults() || s.getUpdateCount() != -1);
        return found;
      });
      feature("fetched in parts", () -> fetched(c));
      feature("transaction", () -> transaction(c));
      feature("time-out", () -> timeout(c));
      feature("meta data", () -> rows(meta.getColumns(System.getenv("DB_NAME"), null, "t", "%")).size() + " " + c.isValid(5));
      feature("refused: duplicate key", () -> c.createStatement().executeUpdate("INSERT INTO t (id) VALUES (1)"));
      feature("refused: syntax", () -> query(c, "SELEC 1").size());
    }
    for (String options : new String[] {"useServerPrepStmts=true", "useServerPrepStmts=true&useCompression=true", "useCompression=true",
        "useSsl=true&trustServerCertificate=true", "useBulkStmts=true&useServerPrepStmts=true", "useBatchMultiSend=false",
        "rewriteBatchedStatements=true"}) {
      feature("with " + options, () -> {
        try (Connection c = open(options)) {
          c.createStatement().executeUpdate("DELETE FROM t");
          Object counts = batch(c);
          try (PreparedStatement s = c.prepareStatement("SELECT s, n FROM t WHERE n = ?")) {
            s.setInt(1, 17);
            return counts + " " + rows(s.executeQuery());
          }
        }
      });
    }
    feature("refused: wrong password", () -> open("", "wrong"));
  }
}
