package carbonops.testbed.apim;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;

/** The product's database: the tables its key manager classes read and write, and two of ours. */
final class Database {

    private static final String DEFAULT_URL = "jdbc:h2:./repository/database/WSO2AM_DB;AUTO_SERVER=TRUE";

    private final JdbcConnectionPool pool;

    Database(Deployment deployment) throws IOException, SQLException {
        pool = JdbcConnectionPool.create(
                deployment.text("database.apim_db.url", DEFAULT_URL),
                deployment.text("database.apim_db.username", "wso2carbon"),
                deployment.text("database.apim_db.password", "wso2carbon"));
        try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
            for (String command : schema().split(";")) {
                if (!command.isBlank()) {
                    statement.execute(command);
                }
            }
        }
    }

    DataSource source() {
        return pool;
    }

    Connection connect() throws SQLException {
        return pool.getConnection();
    }

    void close() {
        pool.dispose();
    }

    private static String schema() throws IOException {
        try (InputStream stream = Database.class.getResourceAsStream("schema.sql")) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
