package carbonops.testbed.apim;

import java.util.logging.Level;
import java.util.logging.Logger;
import javax.servlet.Servlet;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.AccessLogValve;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.util.scan.StandardJarScanner;

/** Tomcat with one HTTPS port, the real Admin REST API and our own servlets. */
final class WebServer {

    private static final Logger LOG = Logger.getLogger(WebServer.class.getName());

    private final Home home;
    private final Tomcat tomcat = new Tomcat();

    WebServer(Home home, Deployment deployment, int port) {
        this.home = home;
        tomcat.setBaseDir(home.temporary("tomcat").toString());
        tomcat.setAddDefaultWebXmlToWebapp(false);
        tomcat.setConnector(https(deployment, port));
        tomcat.getHost().getPipeline().addValve(accessLog());
    }

    /** Where the product has it, and in its pattern; each line is written at once, so that requests can be counted. */
    private AccessLogValve accessLog() {
        AccessLogValve log = new AccessLogValve();
        log.setDirectory(home.logs().toString());
        log.setPrefix("http_access_");
        log.setSuffix(".log");
        log.setPattern("%h %l %u %t %r %s %b %{Referer}i %{User-Agent}i %T");
        log.setBuffered(false);
        return log;
    }

    /** A connector made by hand does not stop the server when its port is taken: neither does the product's. */
    private Connector https(Deployment deployment, int port) {
        Connector connector = new Connector("org.apache.coyote.http11.Http11NioProtocol");
        connector.setPort(port);
        connector.setSecure(true);
        connector.setScheme("https");
        connector.setThrowOnFailure(false);
        connector.setProperty("SSLEnabled", "true");
        connector.setProperty("maxThreads", "20");
        connector.setProperty("minSpareThreads", "2");
        SSLHostConfig tls = new SSLHostConfig();
        tls.addCertificate(certificate(tls, deployment));
        connector.addSslHostConfig(tls);
        return connector;
    }

    private SSLHostConfigCertificate certificate(SSLHostConfig tls, Deployment deployment) {
        String table = deployment.tlsKeystoreTable();
        String password = deployment.text(table + ".password", "wso2carbon");
        SSLHostConfigCertificate certificate = new SSLHostConfigCertificate(tls, SSLHostConfigCertificate.Type.UNDEFINED);
        certificate.setCertificateKeystoreFile(home.security(deployment.text(table + ".file_name", "wso2carbon.jks")).toString());
        certificate.setCertificateKeystoreType(deployment.text(table + ".type", "JKS"));
        certificate.setCertificateKeystorePassword(password);
        certificate.setCertificateKeyPassword(deployment.text(table + ".key_password", password));
        certificate.setCertificateKeyAlias(deployment.text(table + ".alias", "wso2carbon"));
        return certificate;
    }

    void addAdminApi(Database database) {
        StandardContext context = (StandardContext) tomcat.addWebapp("/api/am/admin", home.adminWebapp().toString());
        context.setParentClassLoader(WebServer.class.getClassLoader());
        context.setDelegate(true);
        ((StandardJarScanner) context.getJarScanner()).setScanClassPath(false);
        IssuedTokens.are(new Tokens(database));
    }

    void addOwnServlets(Deployment deployment, Users users, Database database, KeyManagerRuntime runtime) {
        Tokens tokens = new Tokens(database);
        Callers callers = new Callers(users, tokens);
        OAuthClients clients = new OAuthClients(database);
        DynamicRegistration registration = new DynamicRegistration(new ConnectorConnection(home, deployment), ConnectorVersion.of(deployment));
        Workflows workflows = new Workflows(home);
        KeyGeneration keys = new KeyGeneration(runtime, new KeyMappings(database), new KeyManagerPermissions(users), registration, workflows);
        Context context = tomcat.addContext("", home.temporary("").toString());
        context.setParentClassLoader(WebServer.class.getClassLoader());
        addServlet(context, "/services/Version", new VersionServlet());
        addServlet(context, "/api/am/gateway/v2/server-startup-healthcheck", new HealthServlet());
        addServlet(context, "/oauth2/token/.well-known/openid-configuration", new DiscoveryServlet());
        addServlet(context, "/client-registration/v0.17/register", new RegistrationServlet(deployment, callers, clients));
        addServlet(context, "/oauth2/token", new TokenServlet(users, clients, tokens));
        addServlet(context, "/api/am/devportal/v3/applications/*", new ApplicationsServlet(callers, new Applications(database), keys, workflows));
        addServlet(context, "/api/am/devportal/v3/throttling-policies/application", new TiersServlet(callers, workflows));
    }

    void start() throws LifecycleException {
        tomcat.start();
    }

    void await() {
        tomcat.getServer().await();
    }

    void stop() {
        try {
            tomcat.stop();
        } catch (LifecycleException e) {
            LOG.log(Level.WARNING, "The web server did not stop cleanly", e);
        }
    }

    private static void addServlet(Context context, String path, Servlet servlet) {
        Tomcat.addServlet(context, path, servlet);
        context.addServletMappingDecoded(path, path);
    }
}
